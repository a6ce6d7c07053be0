import type { ClientRequest } from "node:http";
import type { Clock } from "#machinery/clock.ts";

export interface WholeAnswer {
  /** HTTP status code. */
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
}

/** How long and how much of an answer is waited for. */
export interface AnswerBounds {
  readonly clock: Clock;
  readonly milliseconds: number;
  readonly bytes: number;
}

/** The whole answer to a request whose body is written or about to be. @throws Error where there is none in time, or it is too long */
export function readAnswer(request: ClientRequest, { clock, milliseconds, bytes }: AnswerBounds): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(milliseconds, () => void request.destroy(new Error("context deadline exceeded")));
    request.on("close", () => timer.cancel());
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length > bytes) request.destroy(new Error(`the answer is longer than ${bytes} bytes`));
      });
      response.on("error", reject);
      response.on("end", () => resolve({
        code: response.statusCode ?? 0, contentType: response.headers["content-type"] ?? "", body: Buffer.concat(chunks).toString("utf8"),
      }));
    });
  });
}
