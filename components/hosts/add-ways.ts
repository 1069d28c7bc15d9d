/** The ways to add hosts, as they stand in the address: ?way=import */
export const addWays = ["command", "login", "import"] as const;
export type AddWay = (typeof addWays)[number];
