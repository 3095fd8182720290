using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// The objects of the database as of one version of the schema, immutable. Built-in functions, operators, casts and types are not here: they
/// are the same in every database (see Data).
/// </summary>
public interface ISchema
{
    /// <summary>SQLite's schema cookie; translations made from this schema hold while it is the same.</summary>
    long Version { get; }

    SchemaInfo? FindSchema(string name);

    /// <summary>A table, view, sequence, index or catalog relation.</summary>
    /// <param name="schema">The name of its schema.</param>
    Relation? FindRelation(string schema, string name);

    Relation? FindRelation(uint oid);

    /// <summary>A type that is not built in: an enum, a domain, a table's row type, or an array of one.</summary>
    TypeInfo? FindType(string schema, string name);

    TypeInfo? FindType(uint oid);
}

public sealed record SchemaInfo(uint Oid, string Name);

public enum RelationKind : byte
{
    Table,
    View,
    Index,
    Sequence,

    /// <summary>A relation of pg_catalog or information_schema, which is a virtual table of SQLite.</summary>
    Catalog,
}

/// <summary>A relation and what it consists of.</summary>
/// <param name="SqliteName">Its name in SQLite, not quoted.</param>
public sealed record Relation(uint Oid, uint SchemaOid, string Schema, string Name, RelationKind Kind, string SqliteName)
{
    /// <summary>By number from 1; dropped columns stay in their places.</summary>
    public IReadOnlyList<Attribute> Attributes { get; init; } = [];

    public IReadOnlyList<ConstraintInfo> Constraints { get; init; } = [];

    public IReadOnlyList<IndexInfo> Indexes { get; init; } = [];

    /// <summary>The OID of its row type; 0 for none.</summary>
    public uint RowType { get; init; }

    /// <summary>A view's query in PostgreSQL's dialect, as it was bound; null where it is not known (views that HTTP made).</summary>
    public string? Definition { get; init; }

    /// <summary>A table that was made over HTTP or before this version: its columns are seen with the types that their declarations tell.</summary>
    public bool Foreign { get; init; }

    /// <summary>The column that is an alias of SQLite's rowid; 0 for none.</summary>
    public short RowIdColumn { get; init; }

    /// <summary>The table is WITHOUT ROWID.</summary>
    public bool WithoutRowId { get; init; }

    /// <summary>The character of relpersistence: p, u or t.</summary>
    public char Persistence { get; init; } = 'p';

    /// <summary>The OID of a view's rule; 0 for another relation.</summary>
    public uint Rule { get; init; }

    /// <summary>The table of an index; 0 for another relation.</summary>
    public uint IndexedTable { get; init; }
}

public enum IdentityKind : byte
{
    None,
    Always,
    ByDefault,
}

/// <summary>A column.</summary>
public sealed record Attribute(short Number, string Name, PgType Type, uint Collation)
{
    public bool NotNull { get; init; }

    /// <summary>The expression of its default, or of a generated column, in PostgreSQL's dialect; null for none.</summary>
    public string? Default { get; init; }

    /// <summary>GENERATED ALWAYS AS (…) STORED; <see cref="Default"/> is its expression.</summary>
    public bool Generated { get; init; }

    public IdentityKind Identity { get; init; }

    /// <summary>The sequence that the column owns, as its name in SQLite; null for none.</summary>
    public string? OwnedSequence { get; init; }

    public bool Dropped { get; init; }

    /// <summary>The OID of the default in pg_attrdef; 0 without one.</summary>
    public uint DefaultOid { get; init; }

    /// <summary>
    /// The default in SQLite's dialect, of a column that HTTP made, where it has no counterpart in <see cref="Default"/>: it takes effect where an
    /// INSERT leaves the column out. Null for none.
    /// </summary>
    public string? NativeDefault { get; init; }

    /// <summary>The declared dimensions of an array.</summary>
    public short Dimensions { get; init; }
}

public enum ConstraintType : byte
{
    Check,
    ForeignKey,
    PrimaryKey,
    Unique,
}

public sealed record ConstraintInfo(uint Oid, string Name, ConstraintType Type, IReadOnlyList<short> Columns)
{
    /// <summary>A CHECK's expression in PostgreSQL's dialect.</summary>
    public string? Expression { get; init; }

    public uint IndexOid { get; init; }

    public uint ReferencedOid { get; init; }

    public IReadOnlyList<short> ReferencedColumns { get; init; } = [];

    /// <summary>The characters of pg_constraint: a, r, c, n, d.</summary>
    public char OnUpdate { get; init; } = 'a';

    public char OnDelete { get; init; } = 'a';

    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }

    /// <summary>The character of confmatchtype: s(imple) or f(ull).</summary>
    public char Match { get; init; } = 's';

    public bool Validated { get; init; } = true;

    public bool NoInherit { get; init; }
}

/// <param name="Columns">The numbers of its columns, 0 for an expression.</param>
public sealed record IndexInfo(uint Oid, string Name, bool Unique, bool Primary, IReadOnlyList<short> Columns)
{
    /// <summary>One for each 0 in <see cref="Columns"/>, in PostgreSQL's dialect.</summary>
    public IReadOnlyList<string> Expressions { get; init; } = [];

    /// <summary>The condition of a partial index; null for none.</summary>
    public string? Predicate { get; init; }

    /// <summary>Descending and nulls-first flags a column, as in pg_index.indoption.</summary>
    public IReadOnlyList<short> Options { get; init; } = [];

    /// <summary>Empty for the index of a primary key that is the rowid or lies in the table's definition.</summary>
    public string SqliteName { get; init; } = "";

    /// <summary>How many of <see cref="Columns"/> are keys; the others are those of INCLUDE.</summary>
    public int KeyCount { get; init; } = Columns.Count;

    /// <summary>The keys as columns of the index: names, types and collations.</summary>
    public IReadOnlyList<Attribute> Attributes { get; init; } = [];

    /// <summary>The operator class of each key; 0 for the type's own one. Empty if all are.</summary>
    public IReadOnlyList<uint> OperatorClasses { get; init; } = [];

    /// <summary>The collation that each key names; 0 for the column's own one. Empty if none does.</summary>
    public IReadOnlyList<uint> Collations { get; init; } = [];
}

/// <summary>A type of the database.</summary>
/// <param name="Kind">The character of typtype: e(num), d(omain), c(omposite), b for an array.</param>
public sealed record TypeInfo(uint Oid, uint SchemaOid, string Schema, string Name, char Kind)
{
    public uint ArrayOid { get; init; }

    /// <summary>For an array its element.</summary>
    public uint ElementOid { get; init; }

    /// <summary>For a domain the type under it.</summary>
    public PgType Base { get; init; }

    /// <summary>The collation that a domain declares; 0 for that of the type under it.</summary>
    public uint Collation { get; init; }

    public IReadOnlyList<EnumLabel> Labels { get; init; } = [];

    public IReadOnlyList<ConstraintInfo> Constraints { get; init; } = [];

    public bool NotNull { get; init; }

    /// <summary>A domain's default in PostgreSQL's dialect.</summary>
    public string? Default { get; init; }

    /// <summary>For a row type its table.</summary>
    public uint RelationOid { get; init; }

    /// <summary>The declared dimensions of a domain over an array.</summary>
    public short Dimensions { get; init; }
}

public sealed record EnumLabel(uint Oid, string Label, float Order);
