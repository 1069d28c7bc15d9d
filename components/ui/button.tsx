import { cva, type VariantProps } from "class-variance-authority";
import Link from "next/link";
import type { ComponentProps } from "react";
import { classNames } from "./class-names";
import { Spinner } from "./spinner";

const button = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium transition-colors duration-100 focus-visible:rounded-md disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "border-transparent bg-ink text-canvas hover:bg-ink-soft",
        secondary: "border-line-strong bg-surface text-ink hover:bg-hover active:bg-pressed",
        ghost: "border-transparent text-ink-soft hover:bg-hover hover:text-ink active:bg-pressed",
        danger: "border-transparent bg-danger-solid text-white hover:brightness-110",
        "danger-quiet":
          "border-line-strong bg-surface text-danger hover:border-danger-line hover:bg-danger-soft",
      },
      size: {
        sm: "h-7 px-2.5 text-xs",
        md: "h-8 px-3 text-sm",
        lg: "h-10 px-4 text-base",
        icon: "size-8 p-0",
        "icon-sm": "size-7 p-0 [&_svg]:size-3.5",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

type Look = VariantProps<typeof button>;

/** Does something here. `pending` shows that it is being done and takes no second press. */
export function Button({
  variant,
  size,
  pending = false,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: ComponentProps<"button"> & Look & { pending?: boolean }) {
  return (
    <button
      type={type}
      className={classNames(button({ variant, size }), className)}
      disabled={disabled || pending}
      aria-busy={pending || undefined}
      {...rest}
    >
      {pending && <Spinner />}
      {children}
    </button>
  );
}

/** Goes somewhere, and looks like a button. */
export function ButtonLink({ variant, size, className, ...rest }: ComponentProps<typeof Link> & Look) {
  return <Link prefetch={false} className={classNames(button({ variant, size }), className)} {...rest} />;
}

/** A file to save: a plain link, so that the browser's own download takes over. */
export function DownloadLink({ variant, size, className, ...rest }: ComponentProps<"a"> & Look) {
  return <a className={classNames(button({ variant, size }), className)} {...rest} />;
}
