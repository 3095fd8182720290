using Rqlite.Pg.Dialect.Tests.Syntax;

namespace Rqlite.Pg.Dialect.Tests.Binding;

public class BinderOracleTests
{
    [Fact]
    public void Every_statement_has_the_types_or_the_error_that_PostgreSQL_gives() => Assert.InRange(
        Recorded.Compare("binding.tsv", TestSchema.Read(TestData.Read("binding-schema.sql"))), 1500, int.MaxValue);

    [Fact]
    public void The_statements_of_clients_have_the_types_that_PostgreSQL_gives() => Assert.InRange(
        Recorded.Compare("binding-corpus.tsv", TestSchema.Read(TestData.Read("corpus-schema.sql"))), 140, int.MaxValue);
}
