/** The sentence with which making a plan is refused. */
export function refusalOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('was not refused');
}
