namespace Rqlite.Pg.Http;

/// <summary>How a client wants its results.</summary>
/// <param name="Timings">With the time of each statement.</param>
/// <param name="Associative">Rows as objects.</param>
/// <param name="BlobArray">Blobs as arrays of numbers instead of base64.</param>
/// <param name="QualifyColumns">Columns as <c>table.column</c>.</param>
/// <param name="Query">A statement without columns answers as a result without rows, not as a write.</param>
internal readonly record struct ResultFormat(bool Timings, bool Associative, bool BlobArray, bool QualifyColumns, bool Query);
