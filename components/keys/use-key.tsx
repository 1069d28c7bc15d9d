"use client";

import { Download } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, DownloadLink } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import type { KeyFileView, KeyView } from "@/lib/features/keys/views";

/** @returns undefined when it is not given */
async function fetchFile(keyId: string): Promise<KeyFileView | undefined> {
  try {
    const response = await fetch(`/api/v1/me/keys/${keyId}/file`, {
      headers: { accept: "application/json" },
    });
    if (!response.ok) return undefined;
    const view: KeyFileView = await response.json();
    return view;
  } catch {
    return undefined;
  }
}

/** The file of a security key that was enrolled here, and how ssh uses it. */
export function UseKey({ shown, onClose }: { shown: KeyView; onClose: () => void }) {
  const [file, setFile] = useState<KeyFileView | "failed">();
  useEffect(() => {
    let isGone = false;
    void fetchFile(shown.id).then((view) => {
      if (!isGone) setFile(view ?? "failed");
    });
    return () => {
      isGone = true;
    };
  }, [shown.id]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Use ${shown.name} with ssh`}
      description="ssh finds the key by a small file. It holds no secret: without the security key in your hand it opens nothing."
      className="max-w-2xl"
      footer={<Button onClick={onClose}>Done</Button>}
    >
      {file === undefined && <Skeleton className="h-48" />}
      {file === "failed" && (
        <Notice tone="danger" urgent>
          The file could not be fetched. Close this and open it again.
        </Notice>
      )}
      {file !== undefined && file !== "failed" && <Steps shown={shown} file={file} />}
    </Dialog>
  );
}

function Steps({ shown, file }: { shown: KeyView; file: KeyFileView }) {
  const place = `~/.ssh/${file.fileName}`;
  return (
    <ol className="grid grid-cols-1 gap-4 text-sm">
      <li className="grid grid-cols-1 gap-1.5">
        <p className="font-medium">1. Save the key file on each machine that you come from</p>
        <div>
          <DownloadLink
            variant="primary"
            href={`data:application/octet-stream;base64,${btoa(file.text)}`}
            download={file.fileName}
          >
            <Download aria-hidden /> Download {file.fileName}
          </DownloadLink>
        </div>
        <CodeBlock
          label="Command that puts the file in its place"
          text={`mv ~/Downloads/${file.fileName} ${place} && chmod 600 ${place}`}
          wrap
        />
      </li>
      <li className="grid grid-cols-1 gap-1.5">
        <p className="font-medium">2. See that ssh reads it</p>
        <CodeBlock label="Command that shows the fingerprint" text={`ssh-keygen -lf ${place}`} wrap />
        <p className="break-all text-xs text-ink-soft">
          It prints <span className="font-mono">{shown.fingerprint}</span>.
        </p>
      </li>
      <li className="grid grid-cols-1 gap-1.5">
        <p className="font-medium">3. Log in where the key is on the account</p>
        <CodeBlock label="Command that logs in" text={`ssh -i ${place} ACCOUNT@HOST`} wrap />
        <p className="text-xs text-ink-soft">
          {shown.isVerifyRequired
            ? "ssh asks for the PIN of the security key, then you touch it. "
            : "You touch the security key when it blinks. "}
          Enrolling alone puts it on no host.
        </p>
      </li>
      <li>
        <Notice tone="info" title="What it needs">
          OpenSSH 8.2 or later on your machine and on the host{shown.isVerifyRequired && " (8.4 for the PIN)"}
          , and the key plugged in by USB or held to an NFC reader. Apple's own ssh on macOS comes without
          support for security keys: use OpenSSH from Homebrew there.{" "}
          {shown.isVerifyRequired &&
            "An agent asks for the PIN from OpenSSH 8.9 on, and needs a program that asks (ssh-askpass); without an agent ssh asks by itself. "}
          <code className="font-mono">ssh-keygen -K</code> does not list this key: fetch the file here again.
        </Notice>
      </li>
    </ol>
  );
}
