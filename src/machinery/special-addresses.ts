import type { IpAddress } from "./ip.ts";

/** Addresses that mean something else on every machine (RFC 6890). */

export function isUnspecified({ value }: IpAddress): boolean {
  return value === 0n;
}

export function isLoopback({ family, value }: IpAddress): boolean {
  return family === 4 ? value >> 24n === 127n : value === 1n;
}

export function isLinkLocal({ family, value }: IpAddress): boolean {
  return family === 4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan;
}

export function isLinkLocalMulticast({ family, value }: IpAddress): boolean {
  return family === 4 ? value >> 8n === 0xe00000n : value >> 112n === 0xff02n;
}

/** Why nobody can be reached at the address from elsewhere. Clients know these words. @param text the address as given */
export function specialAddressProblems(address: IpAddress, text: string): string[] {
  return [
    ...(isUnspecified(address) ? [`may not be unspecified (${text})`] : []),
    ...(isLoopback(address) ? ["may not be in the loopback range (127.0.0.0/8, ::1/128)"] : []),
    ...(isLinkLocal(address) ? ["may not be in the link-local range (169.254.0.0/16, fe80::/10)"] : []),
    ...(isLinkLocalMulticast(address) ? ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"] : []),
  ];
}
