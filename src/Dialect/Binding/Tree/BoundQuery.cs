using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

public enum QueryKind : byte
{
    Select,
    Insert,
    Update,
    Delete,
}

/// <summary>A SELECT, VALUES, set operation, INSERT, UPDATE or DELETE after parse analysis (PostgreSQL's Query, nodes/parsenodes.h).</summary>
public sealed record BoundQuery(QueryKind Kind)
{
    /// <summary>The common tables of WITH, in the order in which they may see each other.</summary>
    public NodeList<BoundCommonTable> CommonTables { get; init; } = [];

    public bool Recursive { get; init; }

    /// <summary>The relations that <see cref="Var.Relation"/> counts, from 1: index 0 is relation 1.</summary>
    public NodeList<RangeTableEntry> Relations { get; init; } = [];

    /// <summary>The relation that is written to, from 1; 0 for a SELECT.</summary>
    public int Result { get; init; }

    /// <summary>FROM: the relations and joins side by side.</summary>
    public NodeList<FromItem> From { get; init; } = [];

    public BoundExpression? Where { get; init; }

    /// <summary>The select list; for INSERT and UPDATE the columns that are set, with <see cref="TargetEntry.Number"/> as the column's number.</summary>
    public NodeList<TargetEntry> Targets { get; init; } = [];

    public NodeList<SortClause> GroupBy { get; init; } = [];

    public BoundExpression? Having { get; init; }

    public bool HasAggregates { get; init; }

    public bool HasWindows { get; init; }

    /// <summary>The select list holds functions that return sets.</summary>
    public bool HasTargetSets { get; init; }

    public NodeList<BoundWindow> Windows { get; init; } = [];

    /// <summary>Set for DISTINCT and DISTINCT ON.</summary>
    public NodeList<SortClause> Distinct { get; init; } = [];

    public bool DistinctOn { get; init; }

    public NodeList<SortClause> OrderBy { get; init; } = [];

    public BoundExpression? Offset { get; init; }

    public BoundExpression? Limit { get; init; }

    public bool WithTies { get; init; }

    /// <summary>FOR UPDATE and its kin.</summary>
    public NodeList<RowLocking> Locking { get; init; } = [];

    /// <summary>Set for a set operation; its leaves are subqueries in <see cref="Relations"/>.</summary>
    public SetOperationTree? SetOperations { get; init; }

    /// <summary>OVERRIDING of an INSERT.</summary>
    public Overriding Overriding { get; init; }

    public BoundConflict? OnConflict { get; init; }

    public NodeList<TargetEntry> Returning { get; init; } = [];

    /// <summary>Columns of <c>SELECT INTO</c>; the statement around it makes the table.</summary>
    public IntoClause? Into { get; init; }

    /// <summary>The columns that a client sees: those of the select list or of RETURNING without the junk.</summary>
    public IEnumerable<TargetEntry> Visible => (Kind == QueryKind.Select ? Targets : Returning).Where(target => !target.Junk);
}

/// <param name="Names">The names of its columns; types and collations are in the same order.</param>
/// <param name="Recursive">It names itself.</param>
public sealed record BoundCommonTable(
    string Name, bool? Materialized, bool Recursive, BoundQuery Query, NodeList<string> Names, NodeList<PgType> Types, NodeList<uint> Collations)
{
    public int References { get; init; }
}

/// <param name="Name">Its name in WINDOW; null for one that stands in OVER.</param>
/// <param name="Base">The window that it goes out from, whose clauses are merged into these.</param>
/// <param name="StartOffset">The expression of <c>x PRECEDING</c>, converted to the type that the frame asks for.</param>
public sealed record BoundWindow(
    string? Name, string? Base, NodeList<SortClause> PartitionBy, NodeList<SortClause> OrderBy, WindowFrame? Frame, BoundExpression? StartOffset,
    BoundExpression? EndOffset);

/// <summary>A relation of a query.</summary>
/// <param name="Alias">The alias as it was written; null without one.</param>
/// <param name="Name">The name by which columns are qualified.</param>
/// <param name="Columns">The names of its columns after aliases.</param>
public abstract record RangeTableEntry(TableAlias? Alias, string Name, NodeList<string> Columns)
{
    public bool Lateral { get; init; }

    /// <summary>The alias was not written and serves printing alone (a subquery of a set operation, a VALUES list).</summary>
    public bool Unnamed { get; init; }
}

/// <summary>A table, view, index, sequence or catalog relation.</summary>
public sealed record RelationEntry(TableAlias? Alias, string Name, NodeList<string> Columns, Relation Relation, bool Only)
    : RangeTableEntry(Alias, Name, Columns);

public sealed record SubqueryEntry(TableAlias? Alias, string Name, NodeList<string> Columns, BoundQuery Query)
    : RangeTableEntry(Alias, Name, Columns)
{
    /// <summary>Its columns are computed once a row, whatever the query around it does with them.</summary>
    internal bool Fence { get; init; }

    /// <summary>All of its rows are computed, also if the query around it reads fewer.</summary>
    internal bool Whole { get; init; }
}

/// <summary>A join, whose columns are those of both sides; the merged ones of USING come first.</summary>
/// <param name="Values">What each column stands for: a <see cref="Var"/> of a side, or a COALESCE of both for a merged column of a full join.</param>
/// <param name="Using">The merged columns.</param>
public sealed record JoinEntry(
    TableAlias? Alias, string Name, NodeList<string> Columns, JoinKind Kind, NodeList<BoundExpression> Values, NodeList<string> Using)
    : RangeTableEntry(Alias, Name, Columns)
{
    public string? UsingAlias { get; init; }
}

/// <summary>One or more functions in FROM; several are rows beside each other (ROWS FROM).</summary>
public sealed record FunctionEntry(
    TableAlias? Alias, string Name, NodeList<string> Columns, NodeList<BoundTableFunction> Functions, bool Ordinality)
    : RangeTableEntry(Alias, Name, Columns);

/// <param name="Call">Usually a <see cref="FuncExpr"/>.</param>
/// <param name="Types">The types of its columns; one for a function that returns scalars.</param>
/// <param name="Definition">The columns were given by a column definition list.</param>
public sealed record BoundTableFunction(
    BoundExpression Call, NodeList<string> Columns, NodeList<PgType> Types, NodeList<uint> Collations, bool Definition);

public sealed record ValuesEntry(
    TableAlias? Alias, string Name, NodeList<string> Columns, NodeList<NodeList<BoundExpression>> Rows, NodeList<PgType> Types,
    NodeList<uint> Collations) : RangeTableEntry(Alias, Name, Columns);

/// <param name="LevelsUp">The query whose WITH has it.</param>
/// <param name="SelfReference">It stands within its own definition.</param>
public sealed record CommonTableEntry(
    TableAlias? Alias, string Name, NodeList<string> Columns, string Table, int LevelsUp, bool SelfReference, NodeList<PgType> Types,
    NodeList<uint> Collations) : RangeTableEntry(Alias, Name, Columns);

public abstract record FromItem;

/// <param name="Relation">From 1.</param>
public sealed record FromRelation(int Relation) : FromItem;

/// <param name="Relation">The number of its <see cref="JoinEntry"/>, from 1.</param>
/// <param name="On">The condition, that of USING included; null for a cross join.</param>
public sealed record FromJoin(JoinKind Kind, FromItem Left, FromItem Right, BoundExpression? On, int Relation) : FromItem
{
    public NodeList<string> Using { get; init; } = [];

    public bool Natural { get; init; }
}

/// <summary>A set operation over two operands, which are other operations or subqueries.</summary>
public sealed record SetOperationTree(
    SetOperator Operator, bool All, SetOperand Left, SetOperand Right, NodeList<PgType> Types, NodeList<uint> Collations, NodeList<SortClause> Group);

/// <summary>Either a relation (a subquery) or another operation.</summary>
/// <param name="Relation">From 1; 0 for an operation.</param>
public sealed record SetOperand(int Relation, SetOperationTree? Operation);

/// <summary>ON CONFLICT.</summary>
/// <param name="Index">The unique index or constraint that decides; null for DO NOTHING without a target.</param>
/// <param name="Set">Null for DO NOTHING; the columns that are set otherwise.</param>
/// <param name="Excluded">The number of the relation EXCLUDED, from 1; 0 for DO NOTHING.</param>
public sealed record BoundConflict(IndexInfo? Index, NodeList<TargetEntry>? Set, BoundExpression? Where, int Excluded);
