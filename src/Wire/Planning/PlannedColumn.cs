using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Planning;

/// <summary>A result column as it is known before the statement runs.</summary>
/// <param name="Type">Null if only a value can tell.</param>
/// <param name="Names">See <see cref="Messages.OutputColumn"/>.</param>
/// <param name="TableOid">The table that the column comes from, and <paramref name="AttributeNumber"/> its number there; 0 for an expression.</param>
internal readonly record struct PlannedColumn(string Name, PgType? Type, uint TableOid = 0, short AttributeNumber = 0, IObjectNames? Names = null)
{
    /// <summary>The type as which values are written, if it is not that of the column; see <see cref="Dialect.ResultColumn.Written"/>.</summary>
    public PgType? Written { get; init; }

    public bool Equals(PlannedColumn other) =>
        (Name, Type, TableOid, AttributeNumber) == (other.Name, other.Type, other.TableOid, other.AttributeNumber);

    public override int GetHashCode() => HashCode.Combine(Name, Type, TableOid, AttributeNumber);
}
