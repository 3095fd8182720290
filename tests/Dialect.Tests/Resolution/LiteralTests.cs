using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Resolution;

public sealed class LiteralTests
{
    [Theory]
    [InlineData("' 12 '::int4", "12")]
    [InlineData("'yes'::bool", "t")]
    [InlineData("'1e2'::numeric", "100")]
    [InlineData("'1e2'::float8", "100")]
    [InlineData("'-0'::float8", "-0")]
    [InlineData("'{1, 2,NULL}'::int4[]", "{1,2,NULL}")]
    [InlineData("'{\"a b\", c}'::text[]", "{\"a b\",c}")]
    [InlineData("'{sad , happy}'::mood[]", "{sad,happy}")]
    [InlineData("'{sad , NULL}'::moody[]", "{sad,NULL}")]
    [InlineData("'sad'::mood", "sad")]
    [InlineData("'ABC'::bytea", "\\x414243")]
    [InlineData("'2020-01-02'::date", "2020-01-02")]
    [InlineData("'January 2, 2020'::date", "2020-01-02")]
    [InlineData("'2020-01-02 03:04:05+02'::timestamptz", "2020-01-02 01:04:05+00")]
    [InlineData("'infinity'::timestamptz", "infinity")]
    [InlineData("'epoch'::timestamp", "1970-01-01 00:00:00")]
    [InlineData("'P1DT2H'::interval", "1 day 02:00:00")]
    [InlineData("'1'::interval day", "1 day")]
    [InlineData("'[1,3]'::int4range", "[1,4)")]
    [InlineData("'[2020-01-01,2020-01-02]'::daterange", "[2020-01-01,2020-01-03)")]
    [InlineData("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]
    [InlineData("'{\"b\":1,\"a\":2}'::jsonb", "{\"a\": 2, \"b\": 1}")]
    [InlineData("'1259'::regclass", "1259")]
    [InlineData("X'1F'", "00011111")]
    public void A_literal_that_means_the_same_everywhere_is_read_at_once(string text, string value) =>
        Assert.Equal(value, Assert.IsType<Const>(Bind(text)).Text);

    [Theory]
    [InlineData("'now'::timestamp")]
    [InlineData("'today'::date")]
    [InlineData("'tomorrow'::timestamptz")]
    [InlineData("'01/02/2003'::date")]
    [InlineData("'13/02/2003'::date")]
    [InlineData("'03-02-01'::timestamp")]
    [InlineData("'2020-01-02 03:04:05'::timestamptz")]
    [InlineData("'12:00'::timetz")]
    [InlineData("'-1 2:03:04'::interval")]
    [InlineData("'{now}'::timestamptz[]")]
    [InlineData("'[2020-01-01 00:00,)'::tstzrange")]
    [InlineData("'pg_class'::regclass")]
    [InlineData("'{int4}'::regtype[]")]
    [InlineData("'{1,2}'::posint[]")]
    public void A_literal_that_depends_on_the_session_is_converted_when_the_statement_runs(string text)
    {
        var conversion = Assert.IsType<CoerceViaIOExpr>(Bind(text));

        var literal = Assert.IsType<Const>(conversion.Argument);
        Assert.Equal(PgTypes.Unknown, literal.Type.Oid);
        Assert.StartsWith("'" + literal.Text + "'", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lifted_literal_keeps_its_index()
    {
        var binder = new ExpressionBinder("");
        var literal = new Const(" 5", new PgType(PgTypes.Unknown), 0, Location.None, Lift: 3);

        var read = binder.Resolver.Coerce(
            literal, new PgType(PgTypes.Int4), CoercionContext.Implicit, CallForm.ImplicitCast, Location.None);

        Assert.Equal(("5", 3), (Assert.IsType<Const>(read).Text, ((Const)read!).Lift));
    }

    [Theory]
    [InlineData("time(7)", "TIME(7) precision reduced to maximum allowed, 6")]
    [InlineData("timestamp(9) with time zone", "TIMESTAMP(9) WITH TIME ZONE precision reduced to maximum allowed, 6")]
    [InlineData("interval(8)", "INTERVAL(8) precision reduced to maximum allowed, 6")]
    public void A_precision_that_is_too_large_is_cut_down_with_a_warning(string type, string warning)
    {
        var binder = new ExpressionBinder("");

        var read = binder.Resolver.Type(((TypeCast)Parser.ParseExpression($"NULL::{type}")).Type);

        Assert.Equal(6, read.Modifier & 0xFFFF);
        Assert.Equal(new Notice("WARNING", "22023", warning), Assert.Single(binder.Context.Notices));
    }

    private static BoundExpression Bind(string text) => new ExpressionBinder(text).Bind(Parser.ParseExpression(text));
}
