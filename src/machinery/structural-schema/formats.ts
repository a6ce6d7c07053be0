import { parseDuration } from "../duration.ts";
import { parseCidr, parseIp } from "../ip.ts";
import { dns1123LabelProblems } from "../names.ts";
import { isQuantity } from "../quantity.ts";
import type { JsonSchema } from "./json-schema.ts";

type Format = (text: string) => boolean;

const uuid = (third: string, fourth: string): Format => {
  const form = new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${third}-?${fourth}-?[0-9a-f]{12}$`, "i");
  return (text) => form.test(text);
};
const anyFour = "[0-9a-f]{4}";
const variant = "[89ab][0-9a-f]{3}";

const labelOfHost = /^[a-zA-Z0-9\p{S}\p{L}](?:[a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?$/u;
const longName = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const rgb = /^rgb\(\s*(?:(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*){2}(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$/;
const creditCards = new RegExp(`^(?:${[
  "4\\d{12}(?:\\d{3})?", "5[1-5]\\d{14}", "(?:222[1-9]|22[3-9]\\d|2[3-6]\\d\\d|27[01]\\d|2720)\\d{12}", "6(?:011|5\\d\\d)\\d{12}",
  "3[47]\\d{13}", "3(?:0[0-5]|[68]\\d)\\d{11}", "(?:2131|1800|35\\d{3})\\d{11}", "6[27]\\d{14}",
].join("|")})$`);
const pairedMac = /^[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2}|(?:\1[0-9a-f]{2}){14})?$/i;
const dottedMac = /^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}(?:\.[0-9a-f]{4}|(?:\.[0-9a-f]{4}){7})?$/i;
const dateTime = /^(\d{4}-\d{2}-\d{2})[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;

const atom = "[\\w!#$%&'*+/=?^`{|}~\\-\u0080-\uffff]+";
const mailAddress = new RegExp(`^(?:${atom}(?:\\.${atom})*|"(?:[^"\\\\]|\\\\.)*")@${atom}(?:\\.${atom})*$`);

/** What formats of texts mean, by their names without dashes (apiextensions: supported formats of schemas). */
const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ["bsonobjectid", (text) => /^[0-9a-f]{24}$/i.test(text)],
  ["uri", isRequestUri],
  ["email", isEmail],
  ["hostname", isHostname],
  ["ipv4", (text) => parseIp(text)?.family === 4],
  ["ipv6", (text) => parseIp(text)?.family === 6],
  ["cidr", (text) => parseCidr(text) !== undefined],
  ["mac", (text) => pairedMac.test(text) || dottedMac.test(text)],
  ["uuid", uuid(anyFour, anyFour)],
  ["uuid3", uuid("3[0-9a-f]{3}", anyFour)],
  ["uuid4", uuid("4[0-9a-f]{3}", variant)],
  ["uuid5", uuid("5[0-9a-f]{3}", variant)],
  ["isbn", (text) => isIsbn10(text) || isIsbn13(text)],
  ["isbn10", isIsbn10],
  ["isbn13", isIsbn13],
  ["creditcard", isCreditCard],
  ["ssn", (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ["hexcolor", (text) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)],
  ["rgbcolor", (text) => rgb.test(text)],
  ["byte", (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(text)],
  ["password", () => true],
  ["date", isDate],
  ["duration", isDuration],
  ["datetime", (text) => isDate(dateTime.exec(text)?.[1] ?? "")],
  ["quantity", isQuantity],
  ["k8sshortname", (text) => dns1123LabelProblems(text).length === 0],
  ["k8slongname", (text) => text.length <= 253 && longName.test(text)],
]);

/** The check of a format of texts; absent where the format is not known. */
export function formatCheck(format: string): Format | undefined {
  return formats.get(format.replaceAll("-", ""));
}

/** Formats that mean nothing for the type are not checked. */
export function isKnownFormat({ type = "", format = "" }: Pick<JsonSchema, "type" | "format">): boolean {
  switch (type) {
    case "":
    case "string":
      return formatCheck(format) !== undefined;
    case "integer":
      return format === "int32" || format === "int64";
    case "number":
      return format === "float" || format === "double";
    default:
      return false;
  }
}

/** An absolute address or an absolute path, as in the first line of a request. */
function isRequestUri(text: string): boolean {
  if (text === "" || /[\u0000-\u0020\u007f]/.test(text) || /%(?![0-9a-f]{2})/i.test(text)) return false;
  return text.startsWith("/") || /^[a-z][a-z0-9+.-]*:./i.test(text);
}

/** As Go's mail.ParseAddress, which takes `Name <local@host>` as well. */
function isEmail(text: string): boolean {
  const address = /^(?:[^<>]*<([^<>]+)>|([^<>\s]+))$/.exec(text.trim());
  return mailAddress.test(address?.[1] ?? address?.[2] ?? "");
}

function isHostname(text: string): boolean {
  const labels = text.split(".");
  if (text.length > 255 || !labels.every((label) => label.length <= 63 && labelOfHost.test(label))) return false;
  return labels.length === 1 || (labels.at(-1) ?? "").length > 1;
}

function isDate(text: string): boolean {
  const [, year = "", month = "", day = ""] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const date = new Date(`${text}T00:00:00Z`);
  return year !== "" && !Number.isNaN(date.getTime()) && date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
}

/** As Go writes durations, or in words such as `2 days`. */
function isDuration(text: string): boolean {
  const unit = "(?:ns|nano|nanos|us|µs|micro|micros|microsecond|microseconds|ms|milli|millis|millisecond|milliseconds|s|sec|secs|second|seconds|" +
    "m|min|mins|minute|minutes|h|hr|hour|hours|d|day|days|w|wk|week|weeks|nanosecond|nanoseconds)";
  return parseDuration(text) !== undefined || new RegExp(`^(?:-?\\s*\\d+\\s*${unit}[\\s,]*)+$`, "i").test(text);
}

function digitsOf(text: string): string[] {
  return text.split("");
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, "");
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  return digitsOf(digits).reduce((sum, digit, index) => sum + (10 - index) * (digit === "X" ? 10 : Number(digit)), 0) % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, "");
  return /^\d{13}$/.test(digits) && digitsOf(digits).reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

/** Of a known kind, and with the right last digit (Luhn). */
function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/\D+/g, "");
  if (!creditCards.test(digits)) return false;
  const sum = digitsOf(digits).reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
