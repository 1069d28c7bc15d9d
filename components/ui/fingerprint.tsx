import { classNames } from "./class-names";
import { CopyButton } from "./copy-button";
import { visibleText } from "./visible-text";

interface Props {
  /** `SHA256:…` */
  value: string;
  /** `ssh-ed25519`, shown before it. */
  type?: string;
  /** A row of a table: no copy button. */
  plain?: boolean;
  className?: string;
}

/** A key's fingerprint, always whole: a cut one cannot be compared. */
export function Fingerprint({ value, type, plain = false, className }: Props) {
  return (
    <span className={classNames("inline-flex min-w-0 items-center gap-1.5 font-mono text-xs", className)}>
      <span className="min-w-0 break-all">
        {type && <span className="text-ink-faint">{visibleText(type)} </span>}
        {visibleText(value)}
      </span>
      {!plain && <CopyButton text={value} label="Copy the fingerprint" className="-my-1" />}
    </span>
  );
}
