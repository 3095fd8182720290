using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Rqlite.Pg.Benchmarks;

/// <summary>
/// Queries of the kinds that decision support asks, over a made-up trade in the proportions of TPC-H: per unit of scale 1,500,000 orders with four lines each.
/// </summary>
internal static class Analytics
{
    private static readonly string[] s_queries =
    [
        "select flag, status, sum(quantity), sum(price), sum(price * (1 - discount)), sum(price * (1 - discount) * (1 + tax)), avg(quantity), avg(price), count(*) from line where shipped <= date '1998-09-01' group by flag, status order by flag, status",
        "select p.id, s.name, ps.cost from part p join offer ps on ps.part = p.id join supplier s on s.id = ps.supplier join nation n on n.id = s.nation where n.region = 2 and p.size = 15 and ps.cost = (select min(o.cost) from offer o join supplier t on t.id = o.supplier join nation m on m.id = t.nation where o.part = p.id and m.region = 2) order by p.id, s.name limit 100",
        "select o.id, sum(l.price * (1 - l.discount)) revenue, o.placed from customer c join orders o on o.customer = c.id join line l on l.order_id = o.id where c.segment = 'BUILDING' and o.placed < date '1995-03-15' and l.shipped > date '1995-03-15' group by o.id, o.placed order by revenue desc, o.id limit 10",
        "select priority, count(*) from orders o where placed >= date '1993-07-01' and placed < date '1993-07-01' + interval '3 months' and exists (select 1 from line l where l.order_id = o.id and l.committed < l.received) group by priority order by priority",
        "select n.name, sum(l.price * (1 - l.discount)) revenue from customer c join orders o on o.customer = c.id join line l on l.order_id = o.id join supplier s on s.id = l.supplier and s.nation = c.nation join nation n on n.id = s.nation where n.region = 2 and o.placed >= date '1994-01-01' and o.placed < date '1995-01-01' group by n.name order by revenue desc",
        "select sum(price * discount) from line where shipped >= date '1994-01-01' and shipped < date '1995-01-01' and discount between 0.05 and 0.07 and quantity < 24",
        "select s.nation, c.nation, extract(year from l.shipped) y, sum(l.price * (1 - l.discount)) from supplier s join line l on l.supplier = s.id join orders o on o.id = l.order_id join customer c on c.id = o.customer where (s.nation, c.nation) in ((3, 7), (7, 3)) and l.shipped between date '1995-01-01' and date '1996-12-31' group by 1, 2, 3 order by 1, 2, 3",
        "select extract(year from o.placed) y, sum(case when s.nation = 4 then l.price else 0 end) / sum(l.price) share from part p join line l on l.part = p.id join orders o on o.id = l.order_id join supplier s on s.id = l.supplier where p.kind = 'TYPE 11' and o.placed between date '1995-01-01' and date '1996-12-31' group by 1 order by 1",
        "select n.name, extract(year from o.placed) y, sum(l.price * (1 - l.discount) - ps.cost * l.quantity) profit from part p join line l on l.part = p.id join offer ps on ps.part = l.part and ps.supplier = l.supplier join orders o on o.id = l.order_id join supplier s on s.id = l.supplier join nation n on n.id = s.nation where p.name like '%green%' group by 1, 2 order by 1, 2 desc",
        "select c.id, c.name, sum(l.price * (1 - l.discount)) revenue from customer c join orders o on o.customer = c.id join line l on l.order_id = o.id where o.placed >= date '1993-10-01' and o.placed < date '1994-01-01' and l.flag = 'R' group by c.id, c.name order by revenue desc, c.id limit 20",
        "with v as (select ps.part, sum(ps.cost * ps.available) value from offer ps join supplier s on s.id = ps.supplier where s.nation = 7 group by ps.part) select part, value from v where value > (select sum(value) * 0.001 from v) order by value desc, part",
        "select l.mode, sum(case when o.priority in ('1-URGENT', '2-HIGH') then 1 else 0 end) high, sum(case when o.priority not in ('1-URGENT', '2-HIGH') then 1 else 0 end) low from orders o join line l on l.order_id = o.id where l.mode in ('MAIL', 'SHIP') and l.committed < l.received and l.shipped < l.committed and l.received >= date '1994-01-01' and l.received < date '1995-01-01' group by l.mode order by l.mode",
        "select orders, count(*) customers from (select c.id, count(o.id) orders from customer c left join orders o on o.customer = c.id and o.comment not like '%special%requests%' group by c.id) t group by orders order by customers desc, orders desc",
        "select 100.00 * sum(case when p.kind like 'TYPE 1%' then l.price * (1 - l.discount) else 0 end) / sum(l.price * (1 - l.discount)) from line l join part p on p.id = l.part where l.shipped >= date '1995-09-01' and l.shipped < date '1995-10-01'",
        "with r as (select supplier, sum(price * (1 - discount)) total from line where shipped >= date '1996-01-01' and shipped < date '1996-04-01' group by supplier) select s.id, s.name, r.total from supplier s join r on r.supplier = s.id where r.total = (select max(total) from r) order by s.id",
        "select p.kind, p.size, count(distinct ps.supplier) suppliers from offer ps join part p on p.id = ps.part where p.kind <> 'TYPE 45' and p.size in (49, 14, 23, 45, 19, 3, 36, 9) and ps.supplier not in (select id from supplier where name like '%7%7') group by 1, 2 order by suppliers desc, 1, 2 limit 50",
        "select sum(l.price) / 7.0 from line l join part p on p.id = l.part where p.kind = 'TYPE 23' and l.quantity < (select 0.2 * avg(quantity) from line x where x.part = p.id)",
        "select c.name, o.id, o.placed, sum(l.quantity) from customer c join orders o on o.customer = c.id join line l on l.order_id = o.id where o.id in (select order_id from line group by order_id having sum(quantity) > 160) group by c.name, o.id, o.placed order by o.placed, o.id limit 100",
        "select s.name from supplier s where s.nation = 4 and s.id in (select supplier from offer ps where part in (select id from part where name like 'forest%') and available > (select 0.5 * sum(quantity) from line l where l.part = ps.part and l.supplier = ps.supplier and shipped >= date '1994-01-01' and shipped < date '1995-01-01')) order by s.name",
        "select customer, placed, price, rank() over (partition by customer order by price desc, id), sum(price) over (partition by customer order by placed, id) from (select o.id, o.customer, o.placed, sum(l.price) price from orders o join line l on l.order_id = o.id where o.placed >= date '1998-01-01' group by o.id, o.customer, o.placed) t order by customer, placed, id limit 200",
    ];

    /// <param name="scale">Thousandths of TPC-H's unit.</param>
    public static async Task LoadAsync(Server server, int scale)
    {
        var (orders, customers, parts, suppliers) = (1500 * scale, 150 * scale, 200 * scale, 10 * scale);
        await Sql.RunAsync(
            server,
            "create table nation (id int primary key, name text not null, region int not null)",
            "create table supplier (id int primary key, name text not null, nation int not null)",
            "create table customer (id int primary key, name text not null, nation int not null, segment text not null)",
            "create table part (id int primary key, name text not null, kind text not null, size int not null)",
            "create table offer (part int, supplier int, available int not null, cost numeric(12,2) not null, primary key (part, supplier))",
            "create table orders (id int primary key, customer int not null, placed date not null, priority text not null, comment text not null)",
            "create table line (order_id int, number int, part int not null, supplier int not null, quantity numeric(12,2) not null, price numeric(12,2) not null, discount numeric(12,2) not null, tax numeric(12,2) not null, flag text not null, status text not null, shipped date not null, committed date not null, received date not null, mode text not null, primary key (order_id, number))",
            "insert into nation select i, 'NATION ' || i, i % 5 from generate_series(0, 24) i",
            $"insert into supplier select i, 'Supplier ' || i, i * 7 % 25 from generate_series(1, {suppliers}) i",
            $"insert into customer select i, 'Customer ' || i, i * 11 % 25, (array['BUILDING', 'AUTOMOBILE', 'MACHINERY', 'HOUSEHOLD', 'FURNITURE'])[i % 5 + 1] from generate_series(1, {customers}) i",
            $"insert into part select i, (array['green', 'forest', 'misty', 'pale', 'dark', 'royal', 'snow'])[i % 7 + 1] || ' part ' || i, 'TYPE ' || i * 13 % 50, i * 17 % 50 + 1 from generate_series(1, {parts}) i",
            $"insert into offer select i, (i + k * {(suppliers / 4) + 1}) % {suppliers} + 1, i * 31 % 9999, (i * 7 % 90000 + k * 100 + 100) / 100.0 from generate_series(1, {parts}) i, generate_series(0, 3) k");
        for (var first = 1; first <= orders; first += 50_000)
        {
            var last = Math.Min(orders, first + 49_999);
            await Sql.RunAsync(
                server,
                $"insert into orders select i, i * 7919 % {customers} + 1, date '1992-01-01' + (i * 37 % 2400), (array['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'])[i % 5 + 1], case when i % 97 = 0 then 'some special kind of requests' else 'nothing to say of ' || i end from generate_series({first}, {last}) i",
                $"insert into line select i, k, p, (p + k % 4 * {(suppliers / 4) + 1}) % {suppliers} + 1, (i + k) % 50 + 1, ((i * 13 + k * 1009) % 900000 + 9000) / 100.0, (i + k) % 11 / 100.0, (i * 3 + k) % 9 / 100.0, (array['A', 'N', 'R'])[(i + k) % 3 + 1], (array['O', 'F'])[i % 2 + 1], d + (i + k * 17) % 120 + 1, d + (i * 3 + k * 11) % 90 + 30, d + (i + k * 17) % 120 + (i % 29) + 2, (array['MAIL', 'SHIP', 'AIR', 'RAIL', 'TRUCK', 'FOB', 'REG'])[(i + k) % 7 + 1] from (select i, k, (i * 4 + k) * 31 % {parts} + 1 p, date '1992-01-01' + (i * 37 % 2400) d from generate_series({first}, {last}) i, generate_series(1, 4) k) t");
        }

        await Sql.RunAsync(
            server, "create index on orders (customer)", "create index on line (part)", "create index on line (supplier)", "create index on offer (supplier)");
        await Sql.RunAsync(server, "analyze");
        if (server is PostgresServer)
        {
            await Sql.RunAsync(server, "vacuum", "alter system set max_parallel_workers_per_gather = 0", "select pg_reload_conf()");
        }
    }

    /// <summary>The best of so many runs of each query in milliseconds, with its rows as text.</summary>
    public static async Task<(double Milliseconds, string Rows)[]> RunAsync(Server server, int rounds)
    {
        await using var connection = await Sql.OpenAsync(server.PgPorts[0]);
        var results = new (double, string)[s_queries.Length];
        for (var i = 0; i < results.Length; i++)
        {
            var (best, rows) = (double.MaxValue, "");
            for (var round = 0; round < rounds; round++)
            {
                var clock = Stopwatch.StartNew();
                rows = await TextAsync(connection, s_queries[i]);
                best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
            }

            results[i] = (best, rows);
        }

        return results;
    }

    private static async Task<string> TextAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "NULL" : reader.GetString(i))));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{rows.Count} rows\n{string.Join('\n', rows)}");
    }
}
