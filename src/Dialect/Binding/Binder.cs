using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>A statement after parse analysis.</summary>
/// <param name="Parameters">The types of <c>$1</c> and those after it.</param>
/// <param name="Notices">Warnings that came up.</param>
internal sealed record BoundStatement(BoundQuery Query, IReadOnlyList<PgType> Parameters, IReadOnlyList<Notice> Notices);

/// <summary>Makes bound trees of syntax trees: names, types and conversions are resolved as PostgreSQL's parse analysis does.</summary>
internal static class Binder
{
    /// <summary>
    /// Binds a SELECT, VALUES, set operation, INSERT, UPDATE or DELETE: a whole statement, or the query in CREATE VIEW, CREATE TABLE AS, EXPLAIN,
    /// DECLARE and COPY.
    /// </summary>
    /// <param name="text">The text that was parsed, for positions.</param>
    /// <exception cref="DialectException">The statement means nothing, or something that is not supported (0A000).</exception>
    public static BoundStatement Bind(Statement statement, string text, BindContext context)
    {
        context = WithText(context, text);
        var query = DeepTrees.Run(statement, text, () => new StatementBinder(context).Bind(statement));
        return new BoundStatement(
            query, [.. Enumerable.Range(1, context.Parameters.Count).Select(number => context.Parameters[number]!.Value)], context.Notices);
    }

    internal static BindContext WithText(BindContext context, string text) => context.Text == text
        ? context
        : new BindContext(context.Schema, context.SearchPath, context.Parameters)
        {
            User = context.User,
            Database = context.Database,
            Text = text,
            Literals = context.Literals is null ? null : LiteralTokens.Of(text),
        };
}

/// <summary>
/// Binds expressions that stand in no statement: defaults, CHECKs, expressions and conditions of indexes, generated columns. The context has their
/// text.
/// </summary>
internal static class ExpressionBinder
{
    /// <param name="relation">The relation whose columns the expression may name, which is relation 1; null for none.</param>
    public static BoundExpression BindStandalone(Expression expression, Relation? relation, ExpressionKind kind, BindContext context) =>
        DeepTrees.Run(expression, context.Text, () => new StatementBinder(context).BindStandalone(expression, relation, kind));

    /// <summary>A column's default, or its value if it is generated, converted to the column's type.</summary>
    /// <param name="relation">For a generated column the relation whose columns it may name.</param>
    public static BoundExpression BindDefault(
        Expression expression, string column, PgType type, BindContext context, Relation? relation = null, bool generated = false) =>
        DeepTrees.Run(
            expression, context.Text, () => new StatementBinder(context).BindDefault(expression, column, type, relation, generated));

    /// <summary>A domain's CHECK, in which the domain's value is a <see cref="CaseTestExpr"/>.</summary>
    public static BoundExpression BindDomainCheck(Expression expression, PgType domain, BindContext context) =>
        DeepTrees.Run(expression, context.Text, () => new StatementBinder(context).BindDomainCheck(expression, domain));
}
