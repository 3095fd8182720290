using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>What the lowering of a statement may ask for.</summary>
/// <param name="Text">The statement's text, for the positions of errors.</param>
internal sealed record LoweringContext(ISchema Schema, string Text = "")
{
    /// <summary>The literals that may become parameters; null for definitions, whose text stays in the schema.</summary>
    public LiteralLifting? Lifting { get; init; }

    /// <summary>
    /// The body of a CHECK, a generated column or an index: it may hold no subqueries, so stable functions stand where they are.
    /// </summary>
    public bool InDefinition { get; init; }

    /// <summary>
    /// The statement is sent with its own moment (<see cref="StepParameter.Moment"/>): an entry of the log has the time of its transaction alone. False
    /// for texts that stay in the schema.
    /// </summary>
    public bool HasMoment { get; init; }

    /// <summary>The CHECKs of a domain as expressions over a <see cref="CaseTestExpr"/>, with the constraints' names.</summary>
    public Func<TypeInfo, IReadOnlyList<DomainCheck>>? DomainChecks { get; init; }

    /// <summary>
    /// Binds an expression of an index, or its predicate, over the table as relation 1 of a query; for ON CONFLICT over such an index.
    /// </summary>
    public Func<Relation, string, BoundExpression>? IndexExpression { get; init; }

    /// <summary>Binds the value of a generated column over its table as relation 1 of a query; for ON CONFLICT over such a column.</summary>
    public Func<Relation, Catalog.Attribute, BoundExpression>? GeneratedValue { get; init; }

    /// <summary>The statement calls volatile functions somewhere.</summary>
    public bool Volatile { get; init; }

    /// <summary>The query of a view that calls volatile functions; null for other views, and for those whose query is not known.</summary>
    public Func<Relation, BoundQuery?>? VolatileView { get; init; }

    public int Position(Location location) =>
        location.Offset < 0 || location.Offset > Text.Length ? 0 : Lexer.CharacterPosition(Text, location.Offset);
}

internal sealed record DomainCheck(string Name, BoundExpression Condition);

/// <summary>A statement as SQLite runs it.</summary>
/// <param name="Answer">The index of the step whose rows and count the client gets.</param>
internal sealed record LoweredQuery(IReadOnlyList<Step> Steps, int Answer)
{
    /// <summary>The answer is one row with the number of rows that the statement has changed.</summary>
    public bool Counts { get; init; }

    /// <summary>It calls a function that asks for settings of the session.</summary>
    public bool AsksSession { get; init; }
}
