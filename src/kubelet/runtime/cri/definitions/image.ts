/** Images and the file systems that hold them. */
export const imageMessages = {
  ImageSpec: {
    image: "string = 1",
    annotations: "map<string, string> = 2",
    userSpecifiedImage: "string = 18",
    runtimeHandler: "string = 19",
    imageRef: "string = 20",
  },
  Image: {
    /** `sha256:…` of the image's configuration. */
    id: "string = 1",
    repoTags: "repeated string = 2",
    repoDigests: "repeated string = 3",
    /** Bytes. */
    size: "uint64 = 4",
    /** The user that the image runs as, where that is a number; else `username`. */
    uid: "Int64Value = 5",
    username: "string = 6",
    spec: "ImageSpec = 7",
    pinned: "bool = 8",
  },

  ListImagesRequest: { filter: "ImageFilter = 1" },
  ListImagesResponse: { images: "repeated Image = 1" },
  ImageFilter: { image: "ImageSpec = 1" },
  /** The answer's image is null where there is none. */
  ImageStatusRequest: { image: "ImageSpec = 1", verbose: "bool = 2" },
  ImageStatusResponse: { image: "Image = 1", info: "map<string, string> = 2" },
  PullImageRequest: { image: "ImageSpec = 1", auth: "AuthConfig = 2", sandboxConfig: "PodSandboxConfig = 3" },
  PullImageResponse: { imageRef: "string = 1" },
  AuthConfig: {
    username: "string = 1",
    password: "string = 2",
    auth: "string = 3",
    serverAddress: "string = 4",
    identityToken: "string = 5",
    registryToken: "string = 6",
  },
  RemoveImageRequest: { image: "ImageSpec = 1" },
  RemoveImageResponse: {},

  ImageFsInfoRequest: {},
  ImageFsInfoResponse: { imageFilesystems: "repeated FilesystemUsage = 1", containerFilesystems: "repeated FilesystemUsage = 2" },
} as const;
