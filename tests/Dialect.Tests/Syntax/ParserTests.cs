using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Tests.Syntax;

public class ParserTests
{
    [Theory]
    [InlineData("a or b and not c = d + e * f ^ g", "(a or (b and (not (c = (d + (e * (f ^ g)))))))")]
    [InlineData("- a ^ b", "((- a) ^ b)")]
    [InlineData("- a::int", "(- (a::int))")]
    [InlineData("2 - 3 - 4", "((2 - 3) - 4)")]
    [InlineData("a < b is null", "((a < b) is null)")]
    [InlineData("a = not b = c", "(a = (not (b = c)))")]
    [InlineData("a || b + c", "(a || (b + c))")]
    [InlineData("@ a * b", "(@ (a * b))")]
    [InlineData("a -> b ->> c", "((a -> b) ->> c)")]
    [InlineData("a between b and c and d", "((a between b and c) and d)")]
    [InlineData("a like b || c escape d", "(a like (b || c) escape d)")]
    [InlineData("a + b at time zone c", "(a + (b at time zone c))")]
    [InlineData("- a collate \"C\"", "((- a) collate \"C\")")]
    [InlineData("a is distinct from b = c", "(a is distinct from (b = c))")]
    [InlineData("a in (1) = b", "((a in (1)) = b)")]
    public void Operators_bind_as_in_PostgreSQLs_table(string sql, string parenthesized) =>
        Assert.Equal(Parser.ParseExpression(parenthesized), Parser.ParseExpression(sql));

    [Fact]
    public void AND_and_OR_take_any_number_of_operands()
    {
        var and = Assert.IsType<BooleanExpression>(Parser.ParseExpression("(a and b) and c and (d and e)"));
        Assert.Equal(4, and.Operands.Count);
        Assert.IsType<BooleanExpression>(and.Operands[3]);
    }

    [Fact]
    public void Set_operations_of_one_kind_are_one_node()
    {
        var union = Assert.IsType<SetOperation>(Assert.Single(Parser.Parse("SELECT 1 UNION ALL SELECT 2 UNION ALL (SELECT 3 UNION SELECT 4)")));
        Assert.Equal(3, union.Operands.Count);
        var mixed = Assert.IsType<SetOperation>(Assert.Single(Parser.Parse("SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 INTERSECT SELECT 4")));
        Assert.True(mixed.All);
        Assert.Equal(SetOperator.Union, Assert.IsType<SetOperation>(mixed.Operands[0]).Operator);
        Assert.Equal(SetOperator.Intersect, Assert.IsType<SetOperation>(mixed.Operands[1]).Operator);
    }

    [Fact]
    public void Nodes_know_their_place_and_are_equal_wherever_they_stand()
    {
        var first = Assert.IsType<SelectQuery>(Assert.Single(Parser.Parse("SELECT a, b + 1 FROM t")));
        var second = Assert.IsType<SelectQuery>(Assert.Single(Parser.Parse("  SELECT  a ,b+1  FROM\nt")));
        Assert.Equal(first, second);
        Assert.Equal(7, first.Targets[0].Location.Offset);
        Assert.Equal(12, first.Targets[1].Value.Location.Offset);
        Assert.Equal(21, first.From[0].Location.Offset);
        Assert.NotEqual<Node>(first, Parser.Parse("SELECT a, b + 2 FROM t")[0]);
    }

    [Fact]
    public void Statements_know_their_extent_and_empty_ones_give_no_node()
    {
        var nodes = Parser.Parse(" ; SELECT 1;; /* x */ COMMIT ; ");
        Assert.Equal([(2, 9), (13, 16)], nodes.Cast<Statement>().Select(s => (s.Extent.Start, s.Extent.Length)));
        Assert.Empty(Parser.Parse(" ;; -- nothing\n"));
    }

    [Fact]
    public void Errors_count_characters_rather_than_UTF16_units()
    {
        var exception = Assert.Throws<DialectException>(() => Parser.Parse("SELECT '😀' FROM FROM"));
        Assert.Equal(("42601", "syntax error at or near \"FROM\"", 17), (exception.SqlState, exception.Message, exception.Position));
    }

    [Fact]
    public void A_quoted_name_is_written_back_in_quotes_where_it_needs_them()
    {
        Assert.Equal("a_1", Writer.Quote("a_1"));
        Assert.Equal("\"A\"", Writer.Quote("A"));
        Assert.Equal("\"select\"", Writer.Quote("select"));
        Assert.Equal("\"coalesce\"", Writer.Quote("coalesce"));
        Assert.Equal("\"a\"\"b\"", Writer.Quote("a\"b"));
        Assert.Equal("name", Writer.Quote("name"));
    }

    [Theory]
    [InlineData("SELECT (a + b) * c, a + b * c, -(-x), (- x)::int", "SELECT (a + b) * c, a + b * c, - - x, (- x)::integer")]
    [InlineData("SELECT 1 WHERE NOT (a AND b) OR c", "SELECT 1 WHERE NOT (a AND b) OR c")]
    [InlineData("SELECT CAST(a AS timestamp(3) with time zone), interval '1' day", "SELECT a::timestamp(3) with time zone, '1'::interval day")]
    public void Text_is_written_with_no_more_parentheses_than_needed(string sql, string wanted) =>
        Assert.Equal(wanted, Writer.Write(Assert.Single(Parser.Parse(sql))));

    [Fact]
    public void Administrative_statements_are_kept_as_text_without_comments()
    {
        var node = Assert.IsType<GenericStatement>(Assert.Single(Parser.Parse("create  publication p -- all\n for all tables")));
        Assert.Equal(("CREATE PUBLICATION", "create publication p for all tables"), (node.Command, node.Text));
    }
}
