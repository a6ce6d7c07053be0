import { DeviceLedger } from "./device-ledger.ts";
import { DevicePools } from "./device-pools.ts";

/** Devices that claims ask for: which there are, and which are given away. */
export class Devices {
  readonly pools = new DevicePools();
  readonly ledger = new DeviceLedger();
}
