namespace Rqlite.Pg.Histories;

/// <summary>All accounts at one moment, as a client saw them.</summary>
public sealed record BankRead(IReadOnlyList<(long Account, long Balance)> Accounts, string Where)
{
    public override string ToString() => $"{Where}: {string.Join(", ", Accounts.Select(a => $"{a.Account}={a.Balance}"))}";
}

/// <summary>Transfers, openings and closings of accounts leave the sum as it is: every read of all accounts must show it, and no debt.</summary>
public static class Bank
{
    public static Verdict Check(IEnumerable<BankRead> reads, long total)
    {
        foreach (var read in reads)
        {
            if (read.Accounts.GroupBy(a => a.Account).FirstOrDefault(g => g.Count() > 1) is { } twice)
            {
                return Verdict.Violation($"account {twice.Key} was seen twice in one read\n  {read}");
            }

            if (read.Accounts.Any(a => a.Balance < 0))
            {
                return Verdict.Violation($"an account was seen in debt\n  {read}");
            }

            var sum = read.Accounts.Sum(a => a.Balance);
            if (sum != total)
            {
                return Verdict.Violation($"the sum was {sum} instead of {total}\n  {read}");
            }
        }

        return Verdict.Valid;
    }
}
