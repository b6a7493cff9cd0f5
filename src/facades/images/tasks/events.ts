/** What can happen to a task of the image service, as stored. */

export type ImageTaskEvent = ImageTaskSucceeded;

/** Work on an image was asked for and done; who asked and when is in the event's envelope. */
export interface ImageTaskSucceeded {
  readonly type: "ImageTaskSucceeded";
  readonly data: {
    readonly type: "api_image_import";
    readonly imageId: string;
    /** What was asked for, as clients are shown it. */
    readonly input: Readonly<Record<string, unknown>>;
    /** What came of it, as clients are shown it. */
    readonly result: Readonly<Record<string, unknown>>;
  };
}
