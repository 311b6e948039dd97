/** Where in the gateways' stream a change stands. */
export interface Written {
  seq: number;
}
