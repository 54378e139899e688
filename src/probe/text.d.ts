/** A file's text, put into the bundle. */
declare module '*.sh?raw' {
  const text: string;
  // eslint-disable-next-line no-restricted-syntax -- what the bundler makes of a text file
  export default text;
}
