import { offboardPerson } from "@/lib/features/key-fleet/offboard";
import { route } from "@/lib/http/route";

export const POST = route(offboardPerson);
