import type { Images, ImageStatus, RegistryCredentials } from "../runtime.ts";
import type { CriClient } from "./client.ts";
import type { Received } from "./definitions.ts";

/** The images that the runtime holds. */
export class CriImages implements Images {
  readonly #client: CriClient;

  constructor(client: CriClient) {
    this.#client = client;
  }

  async find(image: string): Promise<ImageStatus | undefined> {
    const { image: found } = await this.#client.imageStatus({ image: { image } });
    return found === null ? undefined : statusOf(found);
  }

  async pull(image: string, credentials: RegistryCredentials | undefined): Promise<ImageStatus> {
    const auth = credentials === undefined ? {} : { auth: credentials };
    const { imageRef } = await this.#client.pullImage({ image: { image, userSpecifiedImage: image }, ...auth });
    const found = await this.find(imageRef);
    if (found === undefined) throw new Error(`image "${image}" was pulled and is not there`);
    return found;
  }

  async list(): Promise<readonly ImageStatus[]> {
    const { images } = await this.#client.listImages({});
    return images.map(statusOf);
  }
}

function statusOf({ id, repoTags, repoDigests, size, uid, username }: Received<"Image">): ImageStatus {
  const user = username !== "" ? username : uid === null ? undefined : Number(uid.value);
  return { id, names: [...repoDigests, ...repoTags], sizeBytes: Number(size), ...(user === undefined ? {} : { user }) };
}
