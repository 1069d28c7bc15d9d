"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useState } from "react";

/**
 * One of a few, kept in the address: a reload and a link show the same.
 *
 * The page is not read again for it. Back goes to the choice before.
 *
 * @param values the first one needs no mention in the address, and stands for anything else that is written there
 */
export function useAddressChoice<Value extends string>(
  name: string,
  values: readonly [Value, ...Value[]],
): [Value, (value: Value) => void] {
  const written = useSearchParams().get(name);
  const addressed = values.find((value) => value === written) ?? values[0];
  // The address follows a moment later; what is chosen shows at once.
  const [chosen, setChosen] = useState(addressed);
  useEffect(() => setChosen(addressed), [addressed]);
  const choose = useCallback(
    (value: Value) => {
      setChosen(value);
      const address = new URL(window.location.href);
      if (value === values[0]) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
      if (address.href !== window.location.href) window.history.pushState(null, "", address);
    },
    [name, values],
  );
  return [chosen, choose];
}
