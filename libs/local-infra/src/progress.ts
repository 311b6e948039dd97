/** Shows the current step to an operator: a few words without a line end. Called seldom. */
export type OnProgress = (text: string) => void;
