using System.Text.Json.Serialization;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The lists that lie in columns of the metadata.</summary>
[JsonSerializable(typeof(short[]))]
[JsonSerializable(typeof(uint[]))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class MetadataJson : JsonSerializerContext;
