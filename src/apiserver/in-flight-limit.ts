import { tooManyRequests } from "#machinery/status-error.ts";
import type { RequestInfo } from "./request.ts";

/** Requests at work at the same time, by whether they change anything. */
export interface InFlightLimits {
  readonly reading: number;
  readonly writing: number;
}

/** Keeps a flood of requests from using up memory: what is beyond the limit is told to come back. Streams are not counted once they flow. */
export class InFlightLimit {
  readonly #limits: InFlightLimits;
  #reading = 0;
  #writing = 0;

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  /** Takes a place. @returns how to leave it @throws StatusError (429) */
  enter({ verb }: RequestInfo): () => void {
    const reads = verb === "get" || verb === "list" || verb === "watch";
    if (reads ? this.#reading >= this.#limits.reading : this.#writing >= this.#limits.writing) {
      throw tooManyRequests("too many requests, please try again later", 1);
    }
    if (reads) this.#reading++;
    else this.#writing++;
    return () => {
      if (reads) this.#reading--;
      else this.#writing--;
    };
  }
}
