/** Tells a person what is being done now, in a few words without a line end. Called seldom. */
export type OnProgress = (text: string) => void;
