import { printable } from '../report/printable';
import { AddressError } from '../model/address';

/** An official image of a few megabytes; on a machine without tools of its own its busybox reads. */
export const defaultHelperImage = 'alpine:3';

/** An image's reference (distribution/reference), with the tag that an engine would else pull all of. @throws AddressError with a sentence */
export function parseHelperImage(text: string): string {
  const image = text.trim();
  if (!/^[A-Za-z0-9][\w.-]*(:\d{1,5})?(\/[A-Za-z0-9][\w.-]*)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/.test(image)) throw new AddressError(`"${printable(image)}" is no image of a container. Write NAME, NAME:TAG or REGISTRY/NAME:TAG.`);
  return /(:[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image) ? image : `${image}:latest`;
}
