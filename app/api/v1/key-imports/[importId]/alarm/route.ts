import { acknowledgeKeyAlarm } from "@/lib/features/key-imports/decide-commands";
import { route } from "@/lib/http/route";

export const DELETE = route(acknowledgeKeyAlarm);
