namespace Rqlite.Pg.Host;

/// <summary>The lines that a node prints once it serves: its addresses, and two lines that work as pasted.</summary>
internal static class Greeting
{
    public static void Print(NodeOptions options)
    {
        Console.Out.WriteLine($"rqlited {ProductVersion.Text}: node {options.NodeId}, data in {Path.GetFullPath(options.DataDirectory)}");
        Console.Out.WriteLine($"  HTTP        {options.HttpAdvAddr}");
        Console.Out.WriteLine($"  PostgreSQL  {(options.PgAddr == "" ? "off" : options.PgAdvAddr)}");
        Console.Out.WriteLine($"  nodes       {options.RaftAdvAddr}");
        Console.Out.WriteLine("Try:");
        var scheme = options.HttpCert.Length > 0 ? "https://" : "";
        var login = options.Auth.Length > 0 ? "-u USER " : "";
        Console.Out.WriteLine($"  curl {login}-G {scheme}{options.HttpAdvAddr}/db/query --data-urlencode 'q=SELECT 1'");
        if (Addresses.TryParse(options.PgAdvAddr, out var pgHost, out var pgPort))
        {
            Console.Out.WriteLine($"  psql -h {pgHost} -p {pgPort} -U {(options.Auth.Length > 0 ? "USER" : "rqlite")} -d rqlite -c 'SELECT 1'");
        }
    }
}
