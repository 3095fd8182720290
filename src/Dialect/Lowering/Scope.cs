using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>A query whose expressions are being written, and the names that its relations have in SQLite's text.</summary>
internal sealed class Scope(BoundQuery query, Scope? outer, RelationNames[] relations)
{
    public BoundQuery Query { get; } = query;

    public Scope? Outer { get; } = outer;

    public RelationNames[] Relations { get; } = relations;

    /// <summary>The names of the common tables of its WITH.</summary>
    public Dictionary<string, string> CommonTables { get; } = new(StringComparer.Ordinal);

    /// <summary>The numbers under which the rows of common tables are kept that are statements of their own.</summary>
    public IReadOnlyDictionary<string, int>? Kept { get; init; }

    /// <summary>The part of FROM whose columns may be named where the lowering is; null for all of it.</summary>
    public FromItem? Visible { get; set; }

    /// <summary>The lowering is where no column of FROM may be named.</summary>
    public bool IsHidden { get; set; }

    /// <summary>A column that may be named where the lowering is, if it is none of FROM.</summary>
    public string? Anchor { get; set; }

    public Scope Up(int levels)
    {
        var scope = this;
        for (; levels > 0; levels--)
        {
            scope = scope.Outer ?? throw new InvalidOperationException("A column refers to a query that is not there.");
        }

        return scope;
    }
}

/// <summary>How a relation and its columns are called.</summary>
internal sealed class RelationNames(RangeTableEntry entry, string qualifier, string[] columns)
{
    public RangeTableEntry Entry { get; } = entry;

    /// <summary>The qualifier before the point of a column: an alias, or in RETURNING the quoted name of the table.</summary>
    public string Qualifier { get; } = qualifier;

    /// <summary>By column number less one, quoted where it is needed.</summary>
    public string[] Columns { get; } = columns;

    /// <summary>The expression that each column stands for, where it is no column in SQLite: the columns of joins and of column definition lists.</summary>
    public IReadOnlyList<BoundExpression>? Values { get; init; }

    /// <summary>The rows come from a table function over the packed rows of queries, since they depend on relations beside it.</summary>
    public bool Packed { get; init; }

    /// <summary>An outer join may put NULL in the place of its rows.</summary>
    public bool Nullable { get; set; }

    /// <summary>The column of a subquery that tells whether there is a row, for values of the whole row.</summary>
    public string? Marker { get; init; }
}

/// <summary>SQL that has been written already, in the place of an expression.</summary>
internal sealed record Fragment(string Sql, PgType Type, uint Collation = 0) : BoundExpression(Type, Collation, Syntax.Location.None);
