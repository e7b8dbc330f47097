/** What the workflows of the fuzz call. */
export interface Shop {
  reserve(item: string): Promise<boolean>;
  pay(): Promise<'paid' | 'declined' | 'later'>;
  ship(): Promise<void>;
  count(): Promise<number>;
  items(): Promise<string[]>;
  find(): Promise<{ name: string } | undefined>;
  tell(text?: string): Promise<void>;
  release(): Promise<void>;
  refund(): Promise<void>;
}
