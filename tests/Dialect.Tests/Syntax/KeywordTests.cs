namespace Rqlite.Pg.Dialect.Tests.Syntax;

public class KeywordTests
{
    private static readonly string[][] s_rows =
        [.. TestData.Read("keywords.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t'))];

    [Fact]
    public void All_keywords_of_PostgreSQL_15_have_its_class_and_its_label_flag()
    {
        Assert.Equal(460, s_rows.Length);
        Assert.All(s_rows, row =>
        {
            var keyword = Keywords.Find(row[0]);
            Assert.NotEqual(Keyword.NoKeyword, keyword);
            Assert.False(Keywords.IsSqliteOnly(keyword), row[0]);
            var wanted = row[1] switch
            {
                "U" => KeywordClass.Unreserved,
                "C" => KeywordClass.ColumnName,
                "T" => KeywordClass.TypeOrFunctionName,
                _ => KeywordClass.Reserved,
            };
            Assert.Equal((row[0], wanted, row[2] == "t"), (row[0], Keywords.ClassOf(keyword), Keywords.IsBareLabel(keyword)));
        });
    }

    [Fact]
    public void Other_keywords_are_only_those_of_SQLite()
    {
        var known = s_rows.Select(r => r[0].Replace("_", "", StringComparison.Ordinal)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var keyword in Enum.GetValues<Keyword>().Where(k => k != Keyword.NoKeyword))
        {
            var lexer = new Lexer(keyword.ToString().ToUpperInvariant());
            var isKnown = known.Contains(keyword.ToString());
            Assert.Equal(!isKnown, Keywords.IsSqliteOnly(keyword));
            if (!isKnown)
            {
                Assert.Equal(Keyword.NoKeyword, lexer.ReadPostgres().Keyword);
            }
        }
    }

    [Theory]
    [InlineData("ſelect")]
    [InlineData("\u212Aey")]
    public void Letters_that_only_resemble_those_of_a_keyword_make_a_name(string word) => Assert.Equal(Keyword.NoKeyword, Keywords.Find(word));
}
