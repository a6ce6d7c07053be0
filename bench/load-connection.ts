import tls from "node:tls";

export interface Endpoint {
  readonly port: number;
  /** PEM. */
  readonly authority: string;
  readonly pair: { readonly certificate: string; readonly key: string };
}

export interface Answered {
  readonly code: number;
  readonly bytes: number;
}

const headEnd = "\r\n\r\n";

/**
 * One client of a load: HTTP/1.1 over TLS, one request after the other, with as little work as can be, for it shares the processors with
 * the server that is measured. It reads answers with a content-length, which those of single objects have.
 */
export class LoadConnection {
  readonly #socket: tls.TLSSocket;
  #settle: { resolve(answered: Answered): void; reject(error: Error): void } | undefined;
  #code = 0;
  #bytes = 0;
  #left = 0;

  private constructor(socket: tls.TLSSocket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#settle?.reject(error));
  }

  static open({ port, authority, pair }: Endpoint): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const options = { port, host: "127.0.0.1", ca: authority, cert: pair.certificate, key: pair.key };
      const socket: tls.TLSSocket = tls.connect(options, () => resolve(new LoadConnection(socket)));
      socket.once("error", reject);
    });
  }

  call(method: string, path: string, body = ""): Promise<Answered> {
    const length = Buffer.byteLength(body);
    const head = `${method} ${path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${length}${headEnd}`;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(head + body);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#left === 0) this.#begin(chunk);
    this.#left -= chunk.length;
    if (this.#left > 0) return;
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve({ code: this.#code, bytes: this.#bytes });
  }

  /** The head comes in one piece: it is short, and written at once. */
  #begin(chunk: Buffer): void {
    const end = chunk.indexOf(headEnd);
    const head = chunk.toString("latin1", 0, end);
    this.#code = Number(head.slice(9, 12));
    this.#bytes = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    this.#left = end + headEnd.length + this.#bytes;
  }
}
