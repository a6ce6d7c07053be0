import { defineController } from "../runtime.ts";
import { claimBinderController } from "./persistent-volume-binder/claims.ts";
import { volumeBinderController } from "./persistent-volume-binder/volumes.ts";

/** Claims and volumes are reconciled each by a loop of its own; both are one controller to the outside. */
export const claimBinder = defineController(claimBinderController);
export const volumeBinder = defineController(volumeBinderController);
