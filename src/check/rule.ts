/** A rule as data: rules/checks/GROUP/CODE.json, checked by rules/schema/rule.schema.json and compiled into the program. */
import type { Subject } from '../model/model.ts';
import type { Severity } from '../source/diagnostic.ts';
import type { Profile } from '../source/run.ts';
import type { Condition } from './condition.ts';

/** An entity of the model, a protected item that makes no backups, or a suppression in the code. */
export type RuleSubject = Subject | 'inactive-item' | 'suppression';

export interface Rule {
  /** Stable, never reused. */
  readonly code: string;
  readonly group: string;
  readonly severity: Severity;
  readonly profile: Profile;
  /** What the facts rest on; contested ones never make an error. */
  readonly confidence: string;
  readonly solutions: readonly string[];
  readonly inputs: readonly string[];
  /** Which entities of the model it judges. */
  readonly subjects: readonly RuleSubject[];
  /** Where it applies at all; elsewhere it passes. */
  readonly when?: Condition;
  readonly checks: readonly Check[];
  readonly sources: readonly string[];
  /** By language; English is complete. */
  readonly texts: Readonly<Record<string, RuleTexts>>;
  /** Of the user, and has no page. */
  readonly isOwn?: true;
  /** Of a rule of the user; the others have them with their examples. */
  readonly doubts?: readonly Doubt[];
}

/** Where sources disagree or say too little, and what the rule does about it. */
export interface Doubt {
  readonly en: string;
  readonly ja: string;
  /** `inference` where nothing says it. */
  readonly sources: readonly string[];
}

/** One thing that the rule asks. Every check that fails is a finding of its own. */
export interface Check {
  /** Names its message, and its help if it has one of its own. */
  readonly id: string;
  readonly when?: Condition;
  /** What must hold. */
  readonly require: Condition;
  /** JSON pointer to the place of the finding, where it is not what decided: a reference in a pair that disagrees. */
  readonly at?: string;
  /** Other places worth showing. In every pointer `*` is the item of a list that decided. */
  readonly related?: readonly { readonly path: string; readonly message: string }[];
}

export interface RuleTexts {
  readonly title: string;
  /** By check id. `{value}` is what decided, `{/json/pointer}` a fact of the view. */
  readonly messages: Readonly<Record<string, string>>;
  readonly help: string;
  /** By check id, where one check needs another advice. */
  readonly helps?: Readonly<Record<string, string>>;
  readonly why: string;
  /** By key: messages of related places. */
  readonly related?: Readonly<Record<string, string>>;
  /** In an audit, where nothing was written and something is to be run or set in Azure. What it lacks is said as above. */
  readonly live?: {
    readonly messages?: Readonly<Record<string, string>>;
    /** Before `helps` above. */
    readonly help?: string;
    readonly helps?: Readonly<Record<string, string>>;
  };
}

/** What a rule says where one of its checks fails; `isLive`: of what exists in Azure. */
export function saidOf(
  { title, messages, help, helps, live }: RuleTexts,
  check: string,
  isLive: boolean,
): { readonly message: string; readonly help: string } {
  const own = isLive ? live : undefined;
  return {
    message: own?.messages?.[check] ?? messages[check] ?? title,
    help: own?.helps?.[check] ?? own?.help ?? helps?.[check] ?? help,
  };
}

/** What `explain` shows of it, by language, and the configuration that all of them are judged under, where that decides. */
export type Examples = { readonly config?: string; readonly doubts?: readonly Doubt[] } & {
  readonly [Spoken in 'terraform' | 'bicep' | 'arm' | 'plan' | 'live']?: Example;
};

export interface Example {
  readonly bad?: string;
  readonly good?: string;
  /** The code that an audit is set against. */
  readonly declared?: string;
  /** What the rows of an audit show only together. */
  readonly situation?: { readonly en: string; readonly ja: string };
}

/** A rule that is on in this run, with the severity that counts. */
export interface ActiveRule {
  readonly rule: Rule;
  readonly severity: Severity;
}

/** Where the page of a rule lives, in that language; empty where it has none. */
export function docsOf({ code, isOwn }: Rule, language: string): string {
  return isOwn ? '' : pageIn('rules', code, language);
}

/** The same of a solution. */
export function docsOfSolution(id: string, language: string): string {
  return pageIn('solutions', id, language);
}

function pageIn(folder: string, name: string, language: string): string {
  const docs = language === 'ja' ? 'docs/ja' : 'docs';
  return `https://github.com/azure-backup-lint/azure-backup-lint/blob/main/${docs}/${folder}/${name}.md`;
}
