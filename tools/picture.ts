/** Draws the layers of tools/layers.json into ARCHITECTURE.md. `npm run picture`, after the table has changed. */
import { readFileSync, writeFileSync } from "node:fs";
import { drawPicture, type Layers, replacePicture } from "./picture/draw.ts";

const layers = JSON.parse(readFileSync("tools/layers.json", "utf8")) as Layers;
const page = readFileSync("ARCHITECTURE.md", "utf8");
writeFileSync("ARCHITECTURE.md", replacePicture(page, drawPicture(layers)));
