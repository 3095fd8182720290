using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Resolution;

public sealed class SearchPathTests
{
    private static readonly TestSchema s_schema = new();

    [Fact]
    public void A_type_is_looked_for_along_the_path_and_named_with_its_schema_where_another_hides_it()
    {
        var other = Context("other", "public");
        var found = new Resolver(other).FindType(TypeOf("mood"));
        var types = new TypeLookup(other);

        Assert.Equal(s_schema.FindType("other", "mood")!.Oid, found);
        Assert.Equal("mood", types.Format(found));
        Assert.Equal("mood[]", types.Format(types.ArrayOf(found)));
        Assert.Equal("public.mood", types.Format(s_schema.FindType("public", "mood")!.Oid));
        Assert.Equal("posint", types.Format(s_schema.FindType("public", "posint")!.Oid));
        Assert.Equal("\"Odd name\"", types.Format(s_schema.FindType("other", "Odd name")!.Oid));
        Assert.Equal("other.\"Odd name\"", new TypeLookup(Context("public")).Format(s_schema.FindType("other", "Odd name")!.Oid));
    }

    [Fact]
    public void Pg_catalog_comes_first_unless_the_path_names_it_and_schemas_that_do_not_exist_are_skipped()
    {
        Assert.Equal(["pg_catalog", "public"], Context("$user", "nosuch", "public").EffectivePath);
        Assert.Equal(["other", "pg_catalog"], Context("other", "pg_catalog").EffectivePath);
        var own = new BindContext(s_schema, ["$user"], new ParameterTypes([])) { User = "other" };
        Assert.Equal(["pg_catalog", "other"], own.EffectivePath);
    }

    [Fact]
    public void A_name_of_three_parts_must_begin_with_the_database()
    {
        var resolver = new Resolver(new BindContext(s_schema, ["public"], new ParameterTypes([])) { Database = "app" });

        Assert.Equal(PgTypes.Int4, resolver.FindType(TypeOf("app.pg_catalog.int4")));
        Assert.Equal("0A000", Assert.Throws<DialectException>(() => resolver.FindType(TypeOf("b.pg_catalog.int4"))).SqlState);
    }

    [Theory]
    [InlineData("name", "name")]
    [InlineData("a1_b", "a1_b")]
    [InlineData("", "\"\"")]
    [InlineData("A", "\"A\"")]
    [InlineData("select", "\"select\"")]
    [InlineData("int", "\"int\"")]
    [InlineData("type", "type")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a$", "\"a$\"")]
    public void Names_are_quoted_where_PostgreSQL_quotes_them(string name, string quoted) =>
        Assert.Equal(quoted, TypeLookup.QuoteIdentifier(name));

    private static BindContext Context(params string[] path) => new(s_schema, path, new ParameterTypes([]));

    private static TypeName TypeOf(string name) => ((TypeCast)Parser.ParseExpression($"NULL::{name}")).Type;
}
