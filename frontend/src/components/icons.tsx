/** The icons: 16 units square, drawn with the text's colour. They say nothing; the label beside them does. */
import type { ReactNode } from "react";

const DRAWN = {
  library: (
    <>
      <path d="M3 2.5v11M6.5 2.5v11M3 2.5h3.5M3 13.5h3.5" />
      <path d="M9.6 3.4l2.9-.8 2.4 10-2.9.7z" />
    </>
  ),
  import: <path d="M8 2v7.5M4.8 6.5L8 9.7l3.2-3.2M2.5 10.5v2a1 1 0 001 1h9a1 1 0 001-1v-2" />,
  downloads: (
    <path d="M4.6 11.5a3 3 0 01-.4-6 4 4 0 017.7.6 2.7 2.7 0 01-.3 5.4M8 7.5V14M5.8 11.8L8 14l2.2-2.2" />
  ),
  apps: (
    <path d="M2.5 2.5h4.3v4.3H2.5zM9.2 2.5h4.3v4.3H9.2zM2.5 9.2h4.3v4.3H2.5zM9.2 9.2h4.3v4.3H9.2z" />
  ),
  health: <path d="M1.5 8.5h3l1.8-4.7 3 8.4 1.9-3.7h3.3" />,
  storage: (
    <>
      <ellipse cx="8" cy="4" rx="5.5" ry="2" />
      <path d="M2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2" />
    </>
  ),
  settings: (
    <>
      <path d="M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14" />
      <circle cx="10.5" cy="4.5" r="2" />
      <circle cx="5.5" cy="11.5" r="2" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.5" />
      <path d="M10.4 10.4l3.4 3.4" />
    </>
  ),
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  check: <path d="M3 8.5l3.2 3.2L13 4.8" />,
  minus: <path d="M3.5 8h9" />,
  plus: <path d="M8 3.5v9M3.5 8h9" />,
  copy: <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />,
  trash: <path d="M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4" />,
  edit: <path d="M10.8 2.7l2.5 2.5-7.8 7.8-3.2.7.7-3.2z" />,
  undo: <path d="M5.5 3L2.5 6l3 3M2.5 6h7a4 4 0 010 8H6" />,
  refresh: <path d="M13.5 3v3.5H10M13.2 6.5A5.5 5.5 0 103.2 11" />,
  filter: <path d="M2 3.5h12M4.5 8h7M6.5 12.5h3" />,
  table: <path d="M2 3.5h12M2 8h12M2 12.5h12" />,
  grid: <path d="M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z" />,
  chevron: <path d="M4 6l4 4 4-4" />,
  right: <path d="M6 4l4 4-4 4" />,
  shield: <path d="M8 1.8l5 1.9v4c0 3-2 5.3-5 6.5-3-1.2-5-3.5-5-6.5v-4z" />,
  shieldCheck: (
    <>
      <path d="M8 1.8l5 1.9v4c0 3-2 5.3-5 6.5-3-1.2-5-3.5-5-6.5v-4z" />
      <path d="M5.7 8l1.7 1.7 3-3.3" />
    </>
  ),
  warning: <path d="M8 2.2l6.3 11.3H1.7zM8 6.5v3.2M8 11.4v.2" />,
  error: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.8v4M8 11v.2" />
    </>
  ),
  info: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 7.2v4M8 4.8V5" />
    </>
  ),
  link: (
    <path d="M6.5 9.5l3-3M7 4.7l1.5-1.5a3 3 0 014.3 4.3L11.3 9M9 11.3l-1.5 1.5a3 3 0 01-4.3-4.3L4.7 7" />
  ),
  outside: <path d="M6.5 3h-4v10.5H13v-4M9 2.5h4.5V7M13.2 2.8L7.5 8.5" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" />,
  play: <path d="M5 3.2l7.5 4.8L5 12.8z" />,
  file: <path d="M4 1.8h5l3.5 3.5v8.9H4zM9 1.8v3.5h3.5" />,
  folder: <path d="M1.8 3.5h4.4l1.5 1.7h6.5v7.6H1.8z" />,
  up: <path d="M8 13V3.5M4 7.5l4-4 4 4" />,
  jobs: <path d="M2.5 4h1M2.5 8h1M2.5 12h1M6 4h7.5M6 8h7.5M6 12h4.5" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1" />
    </>
  ),
  moon: <path d="M13.5 9.7A6 6 0 016.3 2.5a6 6 0 107.2 7.2z" />,
  system: <path d="M1.8 2.8h12.4v8.4H1.8zM5.5 13.8h5M8 11.2v2.6" />,
  cloudOff: (
    <path d="M2 2l12 12M5.3 5.2a4 4 0 00-.8 1.5A2.9 2.9 0 005 12.5h7M7 4.3a4 4 0 015 3.2 2.7 2.7 0 012 3.8" />
  ),
  box: <path d="M8 1.8l5.7 3v6.4L8 14.2l-5.7-3V4.8zM2.3 4.8L8 7.9l5.7-3.1M8 7.9v6.3" />,
  tag: <path d="M2.5 2.5h5l6 6-5 5-6-6zM5.2 5.3v-.1" />,
  heart: <path d="M8 13.3C4.5 10.7 2 8.6 2 6a3 3 0 016-1 3 3 0 016 1c0 2.6-2.5 4.7-6 7.3z" />,
  lock: <path d="M3.5 7h9v6.5h-9zM5.3 7V5a2.7 2.7 0 015.4 0v2" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof DRAWN;

interface Props {
  name: IconName;
  size?: number;
  className?: string;
}

export function Icon({ name, size = 16, className = "" }: Props) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${className}`}
    >
      {DRAWN[name]}
    </svg>
  );
}
