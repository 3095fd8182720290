using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Resolution;

public sealed class CollationTests
{
    // What is left of 1 MB for a visitor that spends up to 900 bytes a level.
    private const int StackBytes = 900 * 1024;

    private static readonly BindContext s_context = new(new TestSchema(), ["public"], new ParameterTypes([]));

    [Fact]
    public void The_deepest_tree_is_walked_on_a_small_stack()
    {
        BoundExpression tree = Column(CollationNames.C);
        for (var i = 0; i < Parser.LevelsMax; i++)
        {
            var concatenation = Builtins.FindOperator(654)!;
            tree = i % 2 == 0
                ? new OpExpr(concatenation, [Column(CollationNames.Default), tree], new PgType(PgTypes.Text), 0, 0, Location.None)
                : new FuncExpr(
                    Builtins.FindFunction("lower(text)")!, [tree], CallForm.Call, false, new PgType(PgTypes.Text), 0, 0, Location.None);
        }

        BoundExpression? assigned = null;
        SmallStack.Run(StackBytes, () => assigned = Collations.Assign(tree, s_context));

        Assert.Equal(CollationNames.C, assigned!.Collation);
    }

    [Fact]
    public void A_query_has_the_collations_of_all_its_clauses_assigned()
    {
        var compare = Operator(98, PgTypes.Bool, CollationNames.C, CollationNames.Default);
        var query = new BoundQuery(QueryKind.Select)
        {
            From = [new FromJoin(JoinKind.Inner, new FromRelation(1), new FromRelation(2), compare, 3)],
            Targets = [new TargetEntry(compare, 1, "x")],
            Where = compare,
            Having = compare,
            Limit = compare,
        };

        var assigned = Collations.Assign(query, s_context);

        BoundExpression?[] expressions =
            [((FromJoin)assigned.From[0]).On, assigned.Targets[0].Value, assigned.Where, assigned.Having, assigned.Limit];
        foreach (var expression in expressions)
        {
            Assert.Equal(CollationNames.C, Assert.IsType<OpExpr>(expression).InputCollation);
        }
    }

    [Fact]
    public void A_sorted_column_of_two_implicit_collations_is_a_mismatch()
    {
        var both = Operator(654, PgTypes.Text, CollationNames.C, CollationNames.Posix);
        var unsorted = new BoundQuery(QueryKind.Select) { Targets = [new TargetEntry(both, 1, "x")] };

        var e = Assert.Throws<DialectException>(() => Collations.Assign(
            new BoundQuery(QueryKind.Select) { Targets = [new TargetEntry(both, 1, "x") { SortReference = 1 }] }, s_context));

        Assert.Equal(("42P21", "collation mismatch between implicit collations \"C\" and \"POSIX\""), (e.SqlState, e.Message));
        Assert.Equal(0u, Collations.Assign(unsorted, s_context).Targets[0].Value.Collation);
    }

    [Fact]
    public void Columns_of_a_set_operation_have_the_collation_that_they_have_in_common()
    {
        BoundExpression[] same = [Column(CollationNames.Default), Column(CollationNames.C)];
        BoundExpression[] different = [Column(CollationNames.Posix), Column(CollationNames.C)];

        Assert.Equal(CollationNames.C, Collations.Common(same, noneOk: false, s_context));
        Assert.Equal(0u, Collations.Common(different, noneOk: true, s_context));
        Assert.Equal("42P21", Assert.Throws<DialectException>(() => Collations.Common(different, noneOk: false, s_context)).SqlState);
    }

    [Theory]
    [InlineData("nosuch", "42704", "collation \"nosuch\" for encoding \"UTF8\" does not exist")]
    [InlineData("pg_catalog.nosuch", "42704", "collation \"pg_catalog.nosuch\" for encoding \"UTF8\" does not exist")]
    [InlineData("\"de-x-icu\"", "0A000", "collation \"de-x-icu\" is not supported")]
    [InlineData("\"en_US\"", "0A000", "collation \"en_US\" is not supported")]
    [InlineData("\"en_US.utf8\"", "0A000", "collation \"en_US.utf8\" is not supported")]
    [InlineData("\"C.utf8\"", "0A000", "collation \"C.utf8\" is not supported")]
    public void Collations_of_a_language_are_refused_and_others_unknown(string name, string state, string message)
    {
        var text = $"'a' COLLATE {name}";
        var e = Assert.Throws<DialectException>(() => new ExpressionBinder(text).Bind(Parser.ParseExpression(text)));

        Assert.Equal((state, message, 5), (e.SqlState, e.Message, e.Position));
    }

    private static OpExpr Operator(uint oid, uint type, uint left, uint right) =>
        new(Builtins.FindOperator(oid)!, [Column(left), Column(right)], new PgType(type), 0, 0, Location.None);

    private static Var Column(uint collation) => new(1, 1, 0, new PgType(PgTypes.Text), collation, Location.None);
}
