import { Badge, Status } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Fingerprint } from "@/components/ui/fingerprint";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { PlacedFileView, PlacedKeyView } from "@/lib/features/placements/views";

interface Props {
  file: PlacedFileView;
  mayPlan: boolean;
  pending: boolean;
  onRemove: (key: PlacedKeyView) => void;
  onSetOptions: (key: PlacedKeyView) => void;
}

/** The keys of one file, each with its line, whose it is, and whether anybody wants it there. */
export function KeyTable({ file, mayPlan, pending, onRemove, onSetOptions }: Props) {
  if (file.keys.length === 0) return <p className="text-sm text-ink-soft">No line of it is a key.</p>;
  return (
    <Table label={`Keys in ${file.path}`}>
      <TableHead>
        <ColumnHead className="text-right">Line</ColumnHead>
        <ColumnHead>Key</ColumnHead>
        <ColumnHead>Whose</ColumnHead>
        <ColumnHead>Wanted</ColumnHead>
        <ColumnHead>Observed</ColumnHead>
        {mayPlan && (
          <ColumnHead>
            <span className="sr-only">What to do</span>
          </ColumnHead>
        )}
      </TableHead>
      <tbody>
        {file.keys.map((key) => (
          <TableRow key={key.line}>
            <Cell className="text-right text-ink-faint tabular-nums">{key.line}</Cell>
            <Cell className="py-2">
              <div className="grid min-w-56 gap-0.5">
                <Fingerprint value={key.fingerprint} type={key.type} />
                {key.comment && <UntrustedText text={key.comment} className="text-xs text-ink-soft" />}
                {key.options && (
                  <UntrustedText text={key.options} className="break-all font-mono text-xs text-ink-soft" />
                )}
                {key.isAuthority && <span className="text-xs text-warn">a CA: its certificates log in</span>}
              </div>
            </Cell>
            <Cell>{ownerOf(key)}</Cell>
            <Cell className="py-2">
              <Wanted item={key} />
            </Cell>
            <Cell>
              {file.refused ? (
                <Status tone="warn">there, and not read</Status>
              ) : (
                <Status tone="ok">there</Status>
              )}
            </Cell>
            {mayPlan && (
              <Cell className="text-right">
                {!key.isManagement && key.otherwise && (
                  <Button
                    size="sm"
                    variant="ghost"
                    pending={pending}
                    aria-label={`Plan to set the options of the key in line ${key.line}`}
                    onClick={() => onSetOptions(key)}
                  >
                    Set the options…
                  </Button>
                )}
                {!key.isManagement && (
                  <Button
                    size="sm"
                    variant="ghost"
                    pending={pending}
                    aria-label={`Plan to remove line ${key.line}`}
                    onClick={() => onRemove(key)}
                  >
                    Remove…
                  </Button>
                )}
              </Cell>
            )}
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}

function ownerOf({ ownerName, keyName, isManagement }: PlacedKeyView) {
  if (isManagement) return <span className="text-ink-soft">Gatehouse</span>;
  if (ownerName === null) return <span className="text-ink-faint">nobody&apos;s</span>;
  return (
    <span className="grid">
      {ownerName}
      {keyName && <span className="text-xs text-ink-faint">{keyName}</span>}
    </span>
  );
}

function Wanted({ item: { standing, remark, isManagement } }: { item: PlacedKeyView }) {
  if (isManagement) return <span className="text-ink-soft">always</span>;
  return (
    <span className="grid gap-0.5">
      <span>
        {standing === "wanted" ? (
          <Status tone={remark ? "warn" : "ok"}>{remark ? "otherwise" : "yes"}</Status>
        ) : standing === "unwanted" ? (
          <Badge tone="warn">no longer</Badge>
        ) : (
          <span className="text-ink-faint">not asked for</span>
        )}
      </span>
      {remark && <UntrustedText text={remark} className="text-xs text-ink-soft" />}
    </span>
  );
}
