using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Resolution;

/// <summary>Types of parameters; the expectations are PostgreSQL 15's.</summary>
public sealed class ParameterTests
{
    [Theory]
    [InlineData("$1 = $1", "text")]
    [InlineData("$1 + 1", "integer")]
    [InlineData("COALESCE($1, 1)", "integer")]
    [InlineData("array_append($1, $2)", "text[] text")]
    [InlineData("$1", "text")]
    [InlineData("CASE WHEN $1 THEN $1 END", "boolean")]
    [InlineData("$1::posint", "posint")]
    [InlineData("$1 = ANY ($2::int8[])", "bigint bigint[]")]
    [InlineData("1 = ANY ($1)", "integer[]")]
    [InlineData("pg_typeof($1)", "?")]
    [InlineData("length($1)", "text")]
    [InlineData("text($1)", "text")]
    [InlineData("abs($1)", "double precision")]
    [InlineData("$1 COLLATE \"C\"", "text")]
    [InlineData("($1 COLLATE \"C\")::int4", "integer")]
    [InlineData("GREATEST($1, $2, 1.5)", "numeric numeric")]
    [InlineData("$1 IN (1, 2, 3)", "integer")]
    [InlineData("$1 BETWEEN '2020-01-01'::date AND $2", "date date")]
    [InlineData("$1 < $2", "text text")]
    [InlineData("ARRAY[$1, 1]", "integer")]
    [InlineData("$1::varchar(3)", "character varying")]
    [InlineData("substring($1 from $2)", "text text")]
    [InlineData("$3 + 1", "? ? integer")]
    public void The_first_place_that_asks_for_a_type_decides_that_of_a_parameter(string text, string types)
    {
        var binder = new ExpressionBinder(text);
        binder.BindColumn(Parser.ParseExpression(text));

        Assert.Equal(types, Shown(binder));
    }

    [Theory]
    [InlineData("repeat($1, $1)", "42P08", 12, "inconsistent types deduced for parameter $1", "text versus integer")]
    [InlineData("$1 + $2", "42725", 4, "operator is not unique: unknown + unknown", null)]
    [InlineData("$1 -> 'a'", "42725", 4, "operator is not unique: unknown -> unknown", null)]
    [InlineData("- $1", "42725", 1, "operator is not unique: - unknown", null)]
    [InlineData("$0", "42P02", 1, "there is no parameter $0", null)]
    [InlineData("'äöü𝄞' = repeat($1, $1)", "42P08", 21, "inconsistent types deduced for parameter $1", "text versus integer")]
    public void A_parameter_that_cannot_be_told_is_an_error_with_its_place(
        string text, string state, int position, string message, string? detail)
    {
        var binder = new ExpressionBinder(text);

        var e = Assert.Throws<DialectException>(() => binder.BindColumn(Parser.ParseExpression(text)));

        Assert.Equal((state, position, message, detail), (e.SqlState, e.Position, e.Message, e.Detail));
    }

    [Fact]
    public void Declared_types_stay_and_0_and_unknown_are_to_be_decided()
    {
        var binder = new ExpressionBinder("$1 || $2 || $3", PgTypes.VarChar, 0, PgTypes.Unknown);
        binder.BindColumn(Parser.ParseExpression("$1 || $2 || $3"));

        Assert.Equal("character varying text text", Shown(binder));
        Assert.Equal(3, new ParameterTypes([PgTypes.Int4, 0, PgTypes.Text]).Count);
    }

    private static string Shown(ExpressionBinder binder)
    {
        var parameters = binder.Context.Parameters;
        return string.Join(' ', Enumerable.Range(1, parameters.Count).Select(
            number => parameters[number] is { } type ? binder.Resolver.Types.Format(type.Oid) : "?"));
    }
}
