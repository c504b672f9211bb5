import { z } from 'zod';
import { MaintenanceWindowError, parseMaintenanceWindow } from './maintenance-window';

/** One variable of the environment: what it may hold, and what a person needs to know to set it. */
export interface Variable {
  readonly schema: z.ZodType;
  readonly doc: string;
  /** May also be given as NAME_FILE, the path of a file that holds it; never printed. */
  readonly secret?: true;
}

export const variable = <T extends z.ZodType>(schema: T, doc: string): { schema: T; doc: string } => ({ schema, doc });
export const secret = <T extends z.ZodType>(schema: T, doc: string): { schema: T; doc: string; secret: true } => ({
  schema,
  doc,
  secret: true,
});

export const port = z.coerce.number().int().min(0).max(65_535);
export const bytes = z.coerce.number().int().min(1_000_000);
export const url = z.url({ protocol: /^https?$/ });

const addressOf = (...protocols: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must begin with one of ${protocols.map((one) => `${one}//`).join(', ')}`,
  });
/** Where archives are, and what wraps their keys. */
export const storeAddress = addressOf('file:', 's3:');
export const ringAddress = addressOf('file:', 'pkcs11:', 'kms:');

/** `name=value,name=value`, so that documents name a secret and never hold it. */
export const named = z.string().transform((text, context) => {
  const entries = text === '' ? [] : text.split(',').map((entry) => entry.split('=', 2) as [string, string?]);
  if (entries.some(([name, value]) => !name || !value))
    context.addIssue({ code: 'custom', message: 'must be name=value,name=value' });
  return new Map(entries.map(([name, value]) => [name.trim(), (value ?? '').trim()]));
});
/** The same for values that may hold `=`, such as addresses with a query. */
export const namedTexts = z.string().transform((text, context) => {
  const entries = (text === '' ? [] : text.split(',')).map((entry) => {
    const at = entry.indexOf('=');
    return [entry.slice(0, Math.max(at, 0)).trim(), entry.slice(at + 1).trim()] as const;
  });
  if (entries.some(([name, value]) => !/^[\w.-]{1,60}$/.test(name) || value === ''))
    context.addIssue({ code: 'custom', message: 'must be name=value,name=value' });
  return new Map(entries);
});
export const namedUrls = namedTexts.refine(
  (entries) => [...entries.values()].every((one) => URL.canParse(one) && /^https?:/.test(one)),
  'must be name=address,name=address, each http or https',
);
export const channelAddresses = namedTexts.refine(
  (entries) => [...entries.values()].every((one) => URL.canParse(one) && /^(https?|smtps?):\/\//.test(one)),
  'must be name=address,name=address, each http, https, smtp or smtps',
);
/** The same, one or two values of a name: `new|old`. */
export const channelSecrets = namedTexts.refine(
  (entries) =>
    [...entries.values()].every((one) => {
      const values = one.split('|');
      return values.length <= 2 && values.every((value) => value !== '' && value.trim() === value);
    }),
  'must be name=secret,name=new|old, one or two of a name, neither empty nor with blanks around it',
);
/** 32 bytes in base 64, also in its URL form, with or without padding. */
export const KEY_FORM = /^[A-Za-z0-9+/_-]{43}=?$/;
/** `name=base64,name=base64`, oldest first; 32 bytes each. */
export const tokenKeys = z.string().transform((text, context) => {
  const entries = text.split(',').map((entry) => {
    const at = entry.indexOf('=');
    return [entry.slice(0, Math.max(at, 0)).trim(), entry.slice(at + 1).trim()] as const;
  });
  const isWrong = entries.some(([name, key]) => !/^[\w.-]{1,60}$/.test(name) || !KEY_FORM.test(key));
  const names = new Set(entries.map(([name]) => name));
  if (isWrong || names.size < entries.length)
    context.addIssue({
      code: 'custom',
      message: 'must be name=key,name=key, each key 32 bytes in base 64, each name once',
    });
  return new Map(entries.map(([name, key]) => [name, Buffer.from(key, 'base64')]));
});
export const key32 = z
  .string()
  .regex(KEY_FORM, 'must be 32 bytes in base 64')
  .transform((text) => Buffer.from(text, 'base64'));
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== ''),
);

export const maintenanceWindow = z.string().transform((text, context) => {
  try {
    return parseMaintenanceWindow(text);
  } catch (error) {
    if (!(error instanceof MaintenanceWindowError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
});
