import {
  Activity,
  CircleUserRound,
  FileDiff,
  KeyRound,
  LayoutDashboard,
  type LucideIcon,
  Server,
  SlidersHorizontal,
  Users,
} from "lucide-react";

export interface Place {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Who may not read it is not shown the way. The page itself refuses as well. */
  permission: string;
  /** After `g`. */
  key: string;
}

const places: readonly Place[] = [
  { href: "/", label: "Overview", icon: LayoutDashboard, permission: "host:read", key: "o" },
  { href: "/hosts", label: "Hosts", icon: Server, permission: "host:read", key: "h" },
  { href: "/people", label: "People", icon: Users, permission: "person:read", key: "p" },
  { href: "/access", label: "Access", icon: KeyRound, permission: "access:read", key: "w" },
  { href: "/changes", label: "Changes", icon: FileDiff, permission: "config:read", key: "c" },
  { href: "/activity", label: "Activity", icon: Activity, permission: "activity:read", key: "a" },
  { href: "/settings", label: "Settings", icon: SlidersHorizontal, permission: "settings:read", key: "s" },
];

/** The one place of a member, who has nothing to look over but his own sign-in. */
const ownPlace: Place = {
  href: "/me",
  label: "Your sign-in",
  icon: CircleUserRound,
  permission: "",
  key: "m",
};

/** Where the viewer may go, in the order of the navigation. */
export function placesFor(permissions: readonly string[]): Place[] {
  const allowed = places.filter((place) => permissions.includes(place.permission));
  return allowed.length > 0 ? allowed : [ownPlace];
}

/** Whether a path lies in the place. */
export function isAt(path: string, place: Place): boolean {
  return place.href === "/" ? path === "/" : path === place.href || path.startsWith(`${place.href}/`);
}
