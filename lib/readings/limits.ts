import { MAX_NAME_LENGTH } from '../core/artifact-shape';

/** Levels of nesting in a reading. */
export const MAX_DEPTH = 10;
/** Numeric fields of a reading, of a device whose readings are assembled, and of a device in a window. */
export const MAX_FIELDS = 500;
/** Members of a reading that are looked at, whatever they hold. */
export const MAX_MEMBERS = 10_000;
/** Readings in a message. */
export const MAX_ROWS = 100_000;
/** Numbers in a message. */
export const MAX_VALUES = 2_000_000;
/** Characters of text, or bytes of a buffer, in a payload. */
export const MAX_TEXT_LENGTH = 32 * 2 ** 20;
/** Characters of a device's name. */
export const MAX_DEVICE_LENGTH = MAX_NAME_LENGTH;
/** Characters of a field's name, dots included. */
export const MAX_FIELD_LENGTH = 200;
/** Characters of a label; more are cut off. */
export const MAX_LABEL_LENGTH = 100;
/** Rows of a window or a lag. */
export const MAX_WINDOW_ROWS = 10_000;
/** Columns of a pipeline's features. */
export const MAX_FEATURES = 2000;
/** Numbers in the feature rows that a pipeline is fitted on. */
export const MAX_CELLS = 50_000_000;
/** So many late readings in a row are no latecomers: the device's clock was put back. */
export const CLOCK_PUT_BACK_ROWS = 100;
/** Numbers of a device's history that are read at once: 160 MB; a year of minutes with 30 fields has 16 million. */
export const MAX_HISTORY_VALUES = 20_000_000;
/** Devices of a history that are listed. */
export const MAX_HISTORY_DEVICES = 10_000;
