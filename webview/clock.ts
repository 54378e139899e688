const two = (value: number): string => String(value).padStart(2, '0');

/** A moment (ISO 8601) in local time: `hh:mm:ss` today, `yyyy-mm-dd hh:mm` on another day, as a recording's may be; empty where it is none. */
export function moment(iso: string, now: Date): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return `${time}:${two(at.getSeconds())}`;
  return `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}
