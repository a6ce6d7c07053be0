import { drawPicture, type Layers, replacePicture } from "../picture/draw.ts";
import type { Finding, SourceFile } from "./files.ts";

/** ARCHITECTURE.md shows the layers as tools/layers.json has them. */
export function picture(files: readonly SourceFile[]): Finding[] {
  const layers = files.find(({ path }) => path === "tools/layers.json");
  const page = files.find(({ path }) => path === "ARCHITECTURE.md");
  if (layers === undefined || page === undefined) return [];
  const drawn = replacePicture(page.text, drawPicture(JSON.parse(layers.text) as Layers));
  return drawn === page.text ? [] : [{ path: page.path, message: "the picture is not that of tools/layers.json: `npm run picture`." }];
}
