using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.TypedColumns;

/// <summary>What a type demands of the values of a column.</summary>
/// <param name="Name">The type's name, for errors.</param>
/// <param name="Carried">The built-in type whose stored form the values have; 0 for one whose values are any text.</param>
internal sealed record ColumnType(string Name, PgType Carried)
{
    public Codec Codec { get; } = Codec.For(Carried.Oid);

    /// <summary>The labels of an enum, or of the enum that an array's elements are of; null for other types.</summary>
    public IReadOnlySet<string>? Labels { get; init; }

    /// <summary>The domains, the outermost first, that have constraints to check.</summary>
    public IReadOnlyList<uint> Domains { get; init; } = [];

    /// <summary>The domain that does not allow nulls; null for none.</summary>
    public string? NotNullDomain { get; init; }
}
