import https from "node:https";

export interface HttpClientOptions {
  readonly port: number;
  /** PEM of the authority that signed the server's certificate. */
  readonly authority: string;
  /** PEM, both; absent: anonymous. */
  readonly certificate?: string;
  readonly key?: string;
}

export interface HttpAnswer {
  readonly code: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly text: string;
  readonly bytes: Buffer;
}

export interface HttpContent {
  /** `content-type` is application/json unless it says otherwise. */
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Buffer;
}

/** Plain requests over HTTP/1.1, as a client without any knowledge of Kubernetes sends them; each on a connection of its own. */
export class HttpClient {
  readonly #options: HttpClientOptions;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** Somebody else on the same server. */
  as(pair: { readonly certificate: string; readonly key: string } | undefined): HttpClient {
    const { port, authority } = this.#options;
    return new HttpClient({ port, authority, ...pair });
  }

  request(method: string, path: string, { headers, body }: HttpContent = {}): Promise<HttpAnswer> {
    const { port, authority, certificate, key } = this.#options;
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = https.request(
        {
          host: "127.0.0.1", port, method, path, ca: authority, cert: certificate, key, agent: false,
          headers: { "content-type": "application/json", ...length, ...headers },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () => {
            const bytes = Buffer.concat(chunks);
            resolve({ code: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString("utf8"), bytes });
          });
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** What is at the path, in JSON. @throws Error unless it is there */
  async get<T>(path: string, accept = "application/json"): Promise<T> {
    const { code, text } = await this.request("GET", path, { headers: { accept } });
    if (code !== 200) throw new Error(`GET ${path}: ${code} ${text}`);
    return JSON.parse(text) as T;
  }
}
