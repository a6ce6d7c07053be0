import { describeStore } from "../testing/store-suite.ts";
import { createMemoryStore } from "./memory-store.ts";

describeStore("memory store", async (options) => createMemoryStore(options));
