/** A file that is kept: named by the SHA-256 of its content, stored encrypted. */
export interface StoredFile {
  /** Lower-case hex SHA-256 of the content. */
  readonly digest: string;
  readonly bytes: number;
  readonly mediaType: string;
  readonly name: string;
}
