/** A red pixel, PNG, base64. */
export const PIXEL_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
/** No sound at all, WAV, base64. */
export const SILENCE_WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

/** Content that is one text. */
export const text = (said: string) => ({ type: 'text' as const, text: said });
export const image = { type: 'image' as const, data: PIXEL_PNG, mimeType: 'image/png' };
